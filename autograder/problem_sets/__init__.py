"""What was issued and what came back."""
