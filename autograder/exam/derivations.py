"""What a test cell calls for a derivation: `examine_derivation(exercise, task, text, points)`.

The text is the student's string `my_derivation`, which crosses as a plain value; it is read here, outside the
student's process, by the same file that answered the student, on other numbers. Each waypoint of the answer
key's task is a check, and worth its share of the points.
"""

from __future__ import annotations

from autograder.derivation import Derivation
from autograder.exam.examine import Marks, Outcome, Verdict
from autograder.problem_sets.key import current_seed, load_key

MAX_SHOWN = 200  # letters of a line in a sentence


def examine_derivation(exercise: str, task: str, text: object, points: float) -> Marks:
    """Points for a derivation, by the waypoints it passes.

    exercise names the answer key, task the derivation in it. A waypoint is reached by a line that is true,
    and whose chain is true up to it; in any order and notation. Never raises for what the text is. Raises
    LookupError for an unknown exercise or task.
    """
    key = load_key(exercise)
    if task not in key.derivations:
        raise LookupError(
            f"{exercise} has no derivation {task!r}, only {', '.join(key.derivations) or 'none'}."
        )
    asked = key.derivations[task]
    found = asked.checked(text, current_seed())
    reached = asked.reached(found)
    broken = first_broken(found)
    verdicts = []
    for way in asked.waypoints:
        seen = f"No line does this: some line has to {way.asks}."
        said = " ".join(part for part in (broken, seen) if part)
        right = reached[way.name]
        outcome = Outcome.PASSED if right else Outcome.WRONG
        verdicts.append(Verdict(way.name, f"to {way.asks}", outcome, "" if right else said))
    whole = sum(way.weight for way in asked.waypoints)
    share = sum(way.weight for way in asked.waypoints if reached[way.name]) / whole
    return Marks(task, round(points * share, 2), points, tuple(verdicts))


def first_broken(found: Derivation) -> str:
    """A sentence on the first line that is not accepted; empty when there is none."""
    for number, line in enumerate(found.lines, 1):
        if not line:
            shown = line.text if len(line.text) <= MAX_SHOWN else line.text[:MAX_SHOWN] + "…"
            shown = "".join(c if c.isprintable() else " " for c in shown)
            verdict = {"does not follow": "does not follow", "cannot read": "cannot be read"}
            said = verdict.get(line.verdict, "cannot be decided")
            return f"Line {number}, `{shown}`, {said}. {line.message}"
    return "" if found.lines else "The derivation is empty."
