"""The red team: one short module an attack on the grader. README.md beside it says how to add one."""
