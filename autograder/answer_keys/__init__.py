"""What is right and what is wrong, one module an exercise: content only, read by `problem_sets.key`."""
