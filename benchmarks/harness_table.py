"""How often does a gradient check err? Ours and four others, on the answer keys' own catalogues.

    python -m benchmarks.harness_table

Right gradients are the references and the right variants; wrong ones are the catalogued
mistakes that return finite numbers of the right shape which differ from the reference. Each is
checked on the exercise's ordinary instances, at nine scales of the input from 1e-8 to 1e8. Exit
code 1 if our own rule errs once.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np

from autograder.exam.calls import quietly
from autograder.gradcheck import gradient_check
from autograder.problem_sets.key import Question, key_names, load_key

SCALES = tuple(10.0**k for k in range(-8, 9, 2))
SEEDS = (1, 2)
TELLING = 1e-6  # relative: an answer closer than this to the reference is not called wrong


@dataclass(frozen=True)
class Trial:
    """One gradient on one instance: f and the gradient as functions of the first argument."""

    f: Callable
    grad: Callable
    x: np.ndarray
    right: bool


def central(f: Callable, x: np.ndarray, h: float) -> np.ndarray:
    g = np.zeros(x.shape)
    for i in np.ndindex(x.shape):
        ahead, behind = x.copy(), x.copy()
        ahead[i] += h
        behind[i] -= h
        g[i] = (f(ahead) - f(behind)) / (2 * h)
    return g


def chapter(t: Trial) -> bool:
    return bool(np.max(abs(t.grad(t.x.copy()) - central(t.f, t.x, 1e-5))) < 1e-6)


def allclose(t: Trial) -> bool:
    return bool(np.allclose(t.grad(t.x.copy()), central(t.f, t.x, 1e-5), atol=1e-6))


def cs231n(t: Trial) -> bool:
    a, n = np.asarray(t.grad(t.x.copy()), dtype=float), central(t.f, t.x, 1e-5)
    return bool(np.max(abs(a - n) / np.maximum(np.maximum(abs(a), abs(n)), 1e-300)) < 1e-7)


def pytorch(t: Trial) -> bool:
    a, n = np.asarray(t.grad(t.x.copy()), dtype=float), central(t.f, t.x, 1e-6)
    return bool(np.all(abs(a - n) <= 1e-5 + 1e-3 * abs(n)))


def scipy_check_grad(t: Trial) -> bool:
    h = np.sqrt(np.finfo(float).eps)
    forward = np.zeros(t.x.shape)
    for i in np.ndindex(t.x.shape):
        ahead = t.x.copy()
        ahead[i] += h
        forward[i] = (t.f(ahead) - t.f(t.x)) / h
    return bool(np.sqrt(np.sum((t.grad(t.x.copy()) - forward) ** 2)) < 1e-6)


def ladder(t: Trial) -> bool:
    return bool(gradient_check(t.f, t.grad, t.x))


RULES: dict[str, Callable[[Trial], bool]] = {
    "central difference, max|Δ| < 1e-6 (the chapter's)": chapter,
    "allclose(atol=1e-6)": allclose,
    "relative error < 1e-7 (CS231n)": cs231n,
    "PyTorch's defaults": pytorch,
    "SciPy's check_grad < 1e-6": scipy_check_grad,
    "this course: extrapolated, several points": ladder,
}


def trials() -> Iterator[Trial]:
    for name in key_names():
        key = load_key(name)
        for question in (q for q in key.questions.values() if _is_gradient(q)):
            answers = [(question.reference, True)]
            answers += [(entry.answer, True) for entry in key.catalogue(key.variants, question.name)]
            answers += [(entry.answer, False) for entry in key.catalogue(key.mistakes, question.name)]
            for scale in SCALES:
                for seed in SEEDS:
                    for instance in key.instances(np.random.default_rng(seed), scale):
                        arguments = question.arguments(instance)
                        for answer, right in answers:
                            trial = _trial(question, arguments, answer, right)
                            if right or _is_wrong(trial, question.reference(**arguments)):
                                yield trial


def _is_gradient(question: Question) -> bool:
    """One derivative of one number: what all these rules can check."""
    if question.differentiates is None:
        return False
    arguments = question.arguments(question.instances()[0])
    return not isinstance(question.reference(**arguments), tuple) and not np.ndim(
        question.differentiates(**arguments)
    )


def _trial(question: Question, arguments: dict, answer: Callable, right: bool) -> Trial:
    x, *rest = arguments.values()
    return Trial(lambda p: question.differentiates(p, *rest), lambda p: answer(p, *rest), x, right)


def _is_wrong(trial: Trial, reference: np.ndarray) -> bool:
    """Wrong in a way that a rule has to find out by comparing numbers."""
    try:
        yours = np.asarray(trial.grad(trial.x.copy()), dtype=float)
    except Exception:
        return False
    if yours.shape != reference.shape or not np.isfinite(yours).all():
        return False
    return bool(np.max(abs(yours - reference)) > TELLING * np.max(abs(reference)))


def main() -> int:
    rejected, accepted = dict.fromkeys(RULES, 0), dict.fromkeys(RULES, 0)
    right = wrong = 0
    with quietly():
        for trial in trials():
            right, wrong = right + trial.right, wrong + (not trial.right)
            for name, rule in RULES.items():
                verdict = rule(trial)
                rejected[name] += trial.right and not verdict
                accepted[name] += verdict and not trial.right
    print(f"{right} right and {wrong} wrong gradients, scales {SCALES[0]:g} to {SCALES[-1]:g}\n")
    print(f"| {'rule':<50} | right ones rejected | wrong ones accepted |")
    print(f"|{'-' * 52}|{'-' * 21}|{'-' * 21}|")
    for name in RULES:
        print(f"| {name:<50} | {rejected[name]:>19} | {accepted[name]:>19} |")
    return int(rejected[name] + accepted[name] > 0)


if __name__ == "__main__":
    sys.exit(main())
