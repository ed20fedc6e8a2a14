"""What an answer key knows of a derivation: the function, its letters, and the points on the way.

A key defines `derivations`, one `DerivationTask` each. A way from the loss to the gradient is marked by
waypoints: predicates on what lines claim, so that any order, notation and method reaches them. Which
claims there are says `autograder/derivation.py`. A claim counts when it is true and says something of the
task's function, and when no other claim of its kind about the same derivative is wrong. A leap from the loss
to the gradient reaches no step on the way.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from autograder.derivation import Claim, Derivation, check

Predicate = Callable[[Claim], bool]


@dataclass(frozen=True)
class Waypoint:
    """One thing a derivation passes: reached when some claim that holds satisfies `reached`.

    `asks` completes the sentence "Some line has to ..."; the weight is a share of the points.
    """

    name: str
    asks: str
    reached: Predicate
    weight: float = 1.0


@dataclass(frozen=True)
class DerivationTask:
    """A derivation that students write as a text.

    `loss` is the function in the language, as "f(x) = xᵀx"; `shapes` and `where` are what students hand to
    `derive` too. `right` and `wrong` are derivations by name: each of the right ones reaches every waypoint.
    """

    name: str
    loss: str
    shapes: Mapping[str, object]
    waypoints: tuple[Waypoint, ...]
    where: Mapping[str, str] = field(default_factory=dict)
    right: Mapping[str, str] = field(default_factory=dict)
    wrong: Mapping[str, str] = field(default_factory=dict)

    def checked(self, text: object, seed: int) -> Derivation:
        """What is found of a text, on numbers of this seed. Never raises for what the text is."""
        return check(text, self.shapes, self.where, seed, self.loss)

    def reached(self, found: Derivation) -> dict[str, bool]:
        """Which waypoints a derivation passes, by name.

        Only claims count that hold and say something. Of several about the same derivative, none counts when
        one of them is wrong; an equation does not count below a wrong one. So nothing is reached by trying.
        """
        claims = [claim for line in found.lines for claim in line.claims]
        wrong = {_about(claim) for claim in claims if claim.wrong and claim.kind != "condition"}
        counting = []
        for claim in claims:
            if claim.wrong and claim.kind == "condition":
                wrong.add(_about(claim))
            if claim.holds and claim.tells and _about(claim) not in wrong:
                counting.append(claim)
        return {way.name: any(way.reached(claim) for claim in counting) for way in self.waypoints}


def _about(claim: Claim) -> tuple[object, ...]:
    return claim.kind, claim.by, claim.of_given or claim.of


def differentiated(weight: float = 1.0) -> Waypoint:
    """A differential, an increment or partial derivatives of the loss, worked out."""
    return Waypoint(
        "differentiated",
        "give the differential, the increment or the partial derivatives of the function, without another "
        "derivative on its right side",
        lambda claim: (
            claim.of_given and claim.worked_out and claim.kind in ("differential", "increment", "partial")
        ),
        weight,
    )


def moved_out(weight: float = 1.0) -> Waypoint:
    """The step stands alone, as in tr(Gᵀ dW) or gᵀ dx; of partial derivatives, no δ is left."""
    return Waypoint(
        "moved out",
        "have the step alone, as in tr(Gᵀ dW) or gᵀ dx, or give one partial derivative without a δ",
        lambda claim: (
            claim.of_given and claim.alone and claim.kind in ("differential", "increment", "partial")
        ),
        weight,
    )


def gradient_by(letter: str, weight: float = 1.0) -> Waypoint:
    """The gradient of the loss by this letter, as a formula."""
    return Waypoint(
        f"gradient by {letter}",
        f"give the gradient by {letter} as a formula",
        lambda claim: (
            claim.of_given and claim.worked_out and claim.kind == "gradient" and claim.by == (letter,)
        ),
        weight,
    )


def passed_back(letter: str, weight: float = 1.0) -> Waypoint:
    """The derivative of the loss by an intermediate result, from that by a later one if some line has it."""
    return Waypoint(
        f"back to {letter}",
        f"say what comes back to {letter}",
        lambda claim: claim.of_given and claim.traced and claim.kind == "gradient" and claim.by == (letter,),
        weight,
    )


def equations(weight: float = 1.0) -> Waypoint:
    """An equation that ∇f = 0 leads to, with no derivative in it; not one that random numbers satisfy."""
    return Waypoint(
        "equations",
        "give the equation that a vanishing gradient leads to",
        lambda claim: claim.kind == "condition" and claim.worked_out and claim.tells,
        weight,
    )


def condition_used(letter: str, weight: float = 1.0) -> Waypoint:
    """A line about a derivative of the loss that holds only because of the condition on this letter."""
    return Waypoint(
        f"condition on {letter}",
        f"use what is known of {letter} in a derivative of the function",
        lambda claim: claim.of_given and claim.kind not in ("value", "condition") and letter in claim.uses,
        weight,
    )
