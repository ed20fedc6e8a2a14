"""What an answer key knows of a derivation: the function, its letters, and the points on the way.

A key defines `derivations`, one `DerivationTask` each. A way from the loss to the gradient is marked by
waypoints: predicates on what lines claim, so that any order, notation and method reaches them. Which
claims there are says `autograder/derivation.py`; a leap from the loss to the gradient reaches only the last.
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
        """Which waypoints a derivation passes, by name."""
        claims = [claim for line in found.lines for claim in line.claims if claim.holds]
        return {way.name: any(way.reached(claim) for claim in claims) for way in self.waypoints}


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
    """The derivative of the loss by an intermediate result, perhaps from that by a later one."""
    return Waypoint(
        f"back to {letter}",
        f"say what comes back to {letter}",
        lambda claim: claim.of_given and claim.kind == "gradient" and claim.by == (letter,),
        weight,
    )


def equations(weight: float = 1.0) -> Waypoint:
    """An equation that follows from a condition such as ∇f = 0, and has no derivative in it any more."""
    return Waypoint(
        "equations",
        "give the equation that a vanishing gradient leads to",
        lambda claim: claim.kind == "condition" and claim.worked_out,
        weight,
    )


def condition_used(letter: str, weight: float = 1.0) -> Waypoint:
    """A step that holds only because of the condition on this letter."""
    return Waypoint(
        f"condition on {letter}",
        f"use what is known of {letter}",
        lambda claim: letter in claim.uses,
        weight,
    )
