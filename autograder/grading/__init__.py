"""A class, graded: each submission on its own, all of them together, and what is kept of it."""
