"""What a student reads afterwards."""
