"""What a TA does before students get a problem set: build it, and see that it may go out."""
