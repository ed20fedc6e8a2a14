"""A student's notebook, run: its cells in a process that can touch nothing, its tests outside."""
