"""Judging one answer. A hidden test's last line calls `examine`.

In: the names of an exercise and of a function, the student's function, the points it is worth.
Out: `Marks`, which print as a number and carry what each check found. Nothing here knows a class or a
database.

- examine: `examine` asks everything the answer key has; `failed_checks` does so for one answer of ours;
  `Marks` hold a `Verdict` a check, each with its `Outcome`; `MARKS_MIME` is the type under which an
  output carries them.
- derivations: `examine_derivation` gives points to a derivation by the waypoints it passes.
- explain: what kind of wrong an answer is: an `Explanation`, whose `Kind` says where it comes from;
  `answers_of` a function, and which mistakes are `alike`.
- lending: right functions in place of the student's others, so that one slip is paid once.
- by_formula: whether a derivative was written as a formula.
- evidence: what a student's source shows.
- slips: what its lines and its errors say.
- shapes: the shapes in a student's function, followed through its source.
- shape_rules: what NumPy's functions make of shapes.
- terms: an answer read as a sum of the exercise's terms.
- formula: a formula of an answer key as MathML.
- calls: one call of a student's function; `quietly` keeps what it prints from counting.
- prove: `prove_tests` tries the hidden tests on the trusted references before any student's work meets
  them.
"""

from autograder.exam.derivations import examine_derivation
from autograder.exam.examine import examine

__all__ = ["examine", "examine_derivation"]
