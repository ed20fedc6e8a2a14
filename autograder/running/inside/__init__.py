"""Exactly what a student's process can see of this package, and no more: it is mounted as a folder."""
