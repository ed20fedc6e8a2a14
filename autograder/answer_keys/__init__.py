"""What is right and what is wrong, one module or package an exercise: content, read by `problem_sets.key`.

In: a name, which is that of the notebook without its number.
Out: an `AnswerKey`, which `problem_sets.key.load_key` makes of the module. No other wing imports a module
of this one.

A module defines:

- the functions that the exercise asks for, under the names that students use
- `points` and `points_by_hand`, numbers
- `instances(rng, scale)`, inputs of several sizes
- `questions`, one for each function, with its checks, which draw what they ask
- answers marked with `@mistake` or `@variant`, at least one mistake for each check
- where they apply: `loss` and `gradient`, `terms`, and `equivalent`, which says why a mutant is no mistake
"""
