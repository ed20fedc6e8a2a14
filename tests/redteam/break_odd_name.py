"""Hands in under a name that is markup, SQL and a terminal sequence at once. Stock nbgrader: a traceback."""

STUDENT = "<b>Bobby'\"; DROP TABLE student;--\x1b[2J"
