"""An auto-graded matrix calculus course: harness, answer keys, release gate and grading."""
