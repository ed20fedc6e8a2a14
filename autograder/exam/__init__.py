"""Judging one answer. A hidden test's last line calls `examine`.

In: the names of an exercise and of a function, the student's function, the points it is worth.
Out: `Marks`, which print as a number and carry what each check found. Nothing here knows a class or a
database.

- examine: `examine` asks everything the answer key has; `failed_checks` does so for one answer of ours;
  `MARKS_MIME` is the type under which an output carries its findings.
- explain: what kind of wrong an answer is; `CARRIED` marks a mistake that was made in another function.
- terms: an answer read as a sum of the exercise's terms.
- formula: a formula of an answer key as MathML.
- calls: one call of a student's function; `quietly` keeps what it prints from counting.
- prove: `prove_tests` tries the hidden tests on the trusted references before any student's work meets
  them.
"""

from autograder.exam.examine import examine

__all__ = ["examine"]
