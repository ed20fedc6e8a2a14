"""Check a gradient you derived on paper against one computed from differences.

    from gradcheck import gradient_check

    result = gradient_check(f, grad_f, x)   # in a notebook: a verdict and a small table
    passed, max_error = result              # or just the two values

`f` takes an array and returns a number. `grad_f` takes the same array and returns an array
of the same shape: a gradient has the shape of its input. You need nothing but NumPy.

How it decides. A difference quotient (f(x + h) - f(x - h)) / 2h is wrong twice: by
truncation when h is large, by rounding when h is small. So every slope is measured with five
steps and extrapolated to h = 0 (Richardson; the choice of the best entry with an error
estimate is from C. J. F. Ridders, Advances in Engineering Software 4(2), 1982). Your gradient
may differ from that by the estimated error and by rounding, and by nothing else. The test is
repeated at points near `x`, because a formula that ignores its argument can be right at one.

`explain_errors()` lets a notebook say below an error of Python's or NumPy's what it means.
"""

from __future__ import annotations

import builtins
import html
import linecache
import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from traceback import walk_tb
from types import TracebackType
from typing import Any

import numpy as np

__all__ = ["numerical_gradient", "numerical_jacobian", "gradient_check", "jacobian_check", "explain_errors"]

RUNGS, RATIO = 5, 8.0  # steps h, h/8, h/64, ...: the finest is near `eps`
NEARBY_POINTS = 2
ROWS_SHOWN = 6
NEARLY = 1e-4  # relative: a slip in a formula is off by more
ROUNDED = 11  # digits: a value that has fewer is rounded
NOTHING = 1e-12  # where all slopes vanish, a formula's rounding is no mistake
NUMERICAL = (
    "carries the rounding of a difference quotient, which a formula does not. "
    "If you are asked for a derivation, return the formula."
)
SINGLE = float(np.finfo(np.float32).eps)

Function = Callable[[np.ndarray], object]  # yours, of an array: what it returns is looked at first
Measured = Callable[[np.ndarray], np.ndarray]  # the same, after that look
Index = tuple[int, ...]  # of one coordinate
Rung = tuple[float, np.ndarray, np.ndarray]  # h, f(x + h), f(x - h)


class CheckError(ValueError):
    """Something that cannot be checked, in one sentence for the person who wrote it."""


@dataclass(frozen=True)
class CheckResult:
    """What a check found. Unpacks to `passed, max_error`; is true when it passed.

    `verdict` is "passed", "failed" or "inconclusive". `message` is one paragraph for the
    student. `rows` are some coordinates as (coordinate, yours, numerical, difference): those that
    are wrong, worst first, then the others in their own order. `bounds` has a number for each row:
    its difference is smaller, and is rounding; 0 where the difference counts; nan where f has a kink,
    and nothing was compared.
    """

    passed: bool
    max_error: float
    verdict: str
    message: str
    rows: tuple[tuple[str, float, float, float], ...] = ()
    bounds: tuple[float, ...] = ()

    def __bool__(self) -> bool:
        return self.passed

    def __iter__(self) -> Iterator[bool | float]:
        return iter((self.passed, self.max_error))

    def __getitem__(self, index: int) -> bool | float:
        return (self.passed, self.max_error)[index]

    def __str__(self) -> str:
        lines = [f"{self.verdict.upper()}: {self.message}"]
        if self.rows:
            lines.append("{:>12} {:>15} {:>15} {:>12}".format(*_COLUMNS))
        lines += ["{:>12} {:>15.8g} {:>15.8g} {:>12}".format(*row) for row in self._table()]
        return "\n".join(lines)

    __repr__ = __str__

    def _repr_html_(self) -> str:
        mark = {"passed": "✓", "failed": "✗"}.get(self.verdict, "?")
        verdict = f"<strong>{mark} {self.verdict.capitalize()}.</strong> {html.escape(self.message)}"
        head = "".join(f"<th>{column}</th>" for column in _COLUMNS)
        cells = "<tr><td>{}</td><td>{:.8g}</td><td>{:.8g}</td><td>{}</td></tr>"
        body = "".join(cells.format(*row[:3], html.escape(row[3])) for row in self._table())
        return f"<p>{verdict}</p>" + (f"<table><tr>{head}</tr>{body}</table>" if body else "")

    def _table(self) -> list[tuple[str, float, float, str]]:
        """The rows with their difference as text. Digits of rounding differ between processors."""
        bounds = self.bounds or (0.0,) * len(self.rows)
        return [
            (*row[:3], "at a kink" if np.isnan(bound) else f"< {bound:.0e}" if bound else f"{row[3]:.2e}")
            for row, bound in zip(self.rows, bounds, strict=True)
        ]


_COLUMNS = ("coordinate", "yours", "numerical", "difference")


# ------------------------------------------------------------------ what students call


def numerical_gradient(f: Callable, x: np.ndarray, eps: float = 1e-5) -> np.ndarray:
    """The gradient of a scalar function, from differences alone.

    f takes an array of x's shape and returns a number. x may have any shape and is not
    changed; whole numbers are treated as floats. eps is the finest step, relative to
    max(1, |x_i|). Costs ten evaluations of f a coordinate. Returns an array of x's shape.
    Raises CheckError when f does not return a finite number at x, or when x is no array of
    finite real numbers.
    """
    return _slopes(_valued(f, as_number), as_real_array(x, "x"), eps)[0]


def numerical_jacobian(f: Callable, x: np.ndarray, eps: float = 1e-5) -> np.ndarray:
    """The Jacobian J[i, j] = ∂f_i/∂x_j of an array-valued function, from differences alone.

    Returns an array of shape f(x).shape + x.shape: m by n for f from n numbers to m numbers.
    """
    return _slopes(_valued(f, as_real_array), as_real_array(x, "x"), eps)[0]


def gradient_check(
    f: Callable, grad_f: Callable, x: np.ndarray, eps: float = 1e-5, atol: float = 1e-6
) -> CheckResult:
    """Is grad_f the gradient of f? Checked at x and at points near it.

    f takes an array and returns a number; grad_f takes the same array and returns an array
    of its shape. Functions that expect a matrix flattened to a vector work too. eps is the
    finest step of the numerical gradient. A tenth of atol is the relative difference allowed
    in each coordinate, so the default asks for seven digits at every scale. Returns a
    CheckResult; its max_error is the largest |grad_f - numerical| at any point tried.
    An exception inside f or grad_f is yours to read, so it is not caught.
    """
    __tracebackhide__ = True  # keep this file out of the tracebacks a notebook shows
    return _check(f, as_number, grad_f, x, eps, atol, "gradient")


def jacobian_check(
    f: Callable, jac_f: Callable, x: np.ndarray, eps: float = 1e-5, atol: float = 1e-6
) -> CheckResult:
    """Is jac_f the Jacobian of f, with J[i, j] = ∂f_i/∂x_j? Arguments as in gradient_check."""
    __tracebackhide__ = True
    return _check(f, as_real_array, jac_f, x, eps, atol, "Jacobian")


# ------------------------------------------------------------------ what came back


def as_real_array(value: object, who: str) -> np.ndarray:
    """A copy of value as finite floats of its own precision, or a CheckError about `who`."""
    if value is None:
        raise CheckError(f"{who} is None. A function gives None when it has no return statement.")
    try:
        array = np.array(value)
    except (ValueError, TypeError):  # rows of different lengths
        raise CheckError(f"{who} is not an array of numbers.") from None
    if array.dtype.kind == "c":
        raise CheckError(f"{who} holds complex numbers. Only real ones can be checked.")
    if array.dtype.kind not in "fiu":
        raise CheckError(f"{who} holds {array.dtype} values, not numbers.")
    if array.size == 0:
        raise CheckError(f"{who} is empty: its shape is {array.shape}.")
    for bad in np.argwhere(~np.isfinite(array))[:1]:
        where = f" at {_coordinate(bad)}" if array.ndim else ""
        raise CheckError(f"{who} is {array[tuple(bad)]}{where}. It must be finite.")
    return array if array.dtype.kind == "f" else array.astype(float)


def as_number(value: object, who: str) -> np.ndarray:
    """value as a zero-dimensional array, or a CheckError about `who`."""
    array = as_real_array(value, who)
    if array.ndim:
        raise CheckError(f"{who} is an array of shape {array.shape}. It must be a single number.")
    return array


def as_derivative(value: object, shape: tuple[int, ...], kind: str = "gradient") -> np.ndarray:
    """value as an array of the given shape, or a CheckError that says what kind of wrong."""
    array = as_real_array(value, f"Your {kind}")
    if array.shape == shape:
        return array
    story = f"Your {kind} has shape {array.shape}, but {shape} is due."
    if kind == "gradient":
        story += " A gradient has the shape of its input."
    if array.ndim == 0:
        story += " You returned a single number: did a sum or a dot product swallow the axis?"
    elif array.shape == shape[::-1]:
        story += " Yours is the transpose" + (": the other layout." if kind == "Jacobian" else ".")
    elif len(shape) == 1 and array.size == shape[0]:
        story += " You have the right count of numbers, but as a row or a column: return a flat vector."
    elif array.size == np.prod(shape):
        story += " You have the right count of numbers: was the result flattened or reshaped?"
    raise CheckError(story)


def _valued(f: Function, kind: Callable[[object, str], np.ndarray]) -> Measured:
    def value(x: np.ndarray) -> np.ndarray:
        __tracebackhide__ = True
        return kind(f(x.copy()), "The value of f")

    vars(value)["ask_ahead"] = getattr(f, "ask_ahead", None)
    return value


def _layout(f: Function, grad_f: Function, x: np.ndarray) -> np.ndarray:
    """x as f and grad_f want it: as it is, or flattened when only that works for both."""
    if x.ndim < 2:
        return x
    try:
        f(x.copy())
        if np.asarray(grad_f(x.copy())).shape != (x.size,):
            return x
    except Exception:
        pass  # perhaps they expect a flat vector; if not, the caller meets the error again
    try:
        as_number(f(x.ravel()), "f")
        as_derivative(grad_f(x.ravel()), (x.size,))
    except Exception:
        return x
    return x.ravel()


def _coordinate(i: Iterable[int | np.integer]) -> str:
    return "[" + ", ".join(str(int(k)) for k in i) + "]"


# ------------------------------------------------------------------ the numerical slope


def _slopes(f: Measured, x: np.ndarray, eps: float) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """∂f/∂x with shape f(x).shape + x.shape, its estimated error, and where f has a kink."""
    x = x.astype(float)
    with np.errstate(all="ignore"):  # a step may leave f's domain; that rung is dropped
        f0 = f(x)
        if (ask_ahead := vars(f)["ask_ahead"]) is not None:  # by a function that is far away
            ask_ahead(_steps(x, eps))
        columns = [_slope(f, f0, x, i, eps) for i in np.ndindex(x.shape)]
    shape = f0.shape + x.shape
    slope, error, kink = (np.stack(part, axis=-1).reshape(shape) for part in zip(*columns, strict=True))
    return slope, error, kink


def _slope(
    f: Measured, f0: np.ndarray, x: np.ndarray, i: Index, eps: float
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """∂f/∂x_i as (slope, error, kink), each of f's shape."""
    # Steps follow |x_i| upwards only: a smaller step than `eps` drowns in rounding. But if f
    # ends close to x_i (a logarithm near 0), steps in proportion to |x_i| stay inside.
    for reach in (max(1.0, abs(x[i])), abs(x[i]) or 1.0):
        rungs: list[Rung] = []  # the finest run of rungs on which f exists
        for rung in [_rung(f, x, i, h) for h in _ladder(reach, eps)]:
            rungs = [] if rung is None else [*rungs, rung]
        if len(rungs) >= 2:
            return _extrapolate(rungs, f0)
    raise CheckError(f"f is not a finite number near x, on both sides of coordinate {_coordinate(i)}.")


def _rung(f: Measured, x: np.ndarray, i: Index, h: float) -> Rung | None:
    """(h, f(x + h), f(x - h)) with the step really taken, or None where f does not exist."""
    ahead, behind = _around(x, i, h)
    try:
        return (ahead[i] - behind[i]) / 2, f(ahead), f(behind)
    except (ValueError, ArithmeticError):  # a CheckError, or math.log of a negative number
        return None


def _ladder(reach: float, eps: float) -> list[float]:
    """The steps along one coordinate, the finest last."""
    finest = 2.0 ** round(np.log2(eps * reach))  # a power of two, so that x + h rounds little
    return [finest * RATIO**k for k in reversed(range(RUNGS))]


def _around(x: np.ndarray, i: Index, h: float) -> tuple[np.ndarray, np.ndarray]:
    """x + h and x - h along coordinate i."""
    ahead, behind = x.copy(), x.copy()
    ahead[i] += h
    behind[i] -= h
    return ahead, behind


def _steps(x: np.ndarray, eps: float) -> Iterator[np.ndarray]:
    """The points that the slopes at x need, in their order, as long as f exists at all of them."""
    for i in np.ndindex(x.shape):
        for h in _ladder(max(1.0, float(abs(x[i]))), eps):
            yield from _around(x, i, h)


def _extrapolate(rungs: list[Rung], f0: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Ridders' table over the rungs: the entry with the smallest error estimate, elementwise."""
    smooth = _smooth(rungs, f0)
    kink = np.full(f0.shape, len(smooth) < 2)
    best, error = np.zeros(f0.shape), np.full(f0.shape, np.inf)
    row: list[np.ndarray] = []
    for h, ahead, behind in rungs if kink.all() else smooth:
        coarser, row = row, [(ahead.astype(float) - behind) / (2 * h)]
        for j, old in enumerate(coarser, start=1):
            row.append(row[-1] + (row[-1] - old) / (RATIO ** (2 * j) - 1))
            spread = np.maximum(abs(row[-1] - row[-2]), abs(row[-1] - old)) + _rounding(h, ahead, behind)
            best, error = np.where(spread < error, row[-1], best), np.minimum(spread, error)
    return best, error, kink


def _smooth(rungs: list[Rung], f0: np.ndarray) -> list[Rung]:
    """The finest rungs on which f is smooth: there the bend (f₊ - 2f₀ + f₋)/h shrinks with h.

    Across a kink it stays the same. A kink at x leaves no rung; one beside x leaves the finer ones.
    """
    bends = [abs(ahead.astype(float) - 2 * f0 + behind) / h for h, ahead, behind in rungs]
    for k in reversed(range(len(rungs) - 1)):
        h, ahead, behind = rungs[k + 1]
        least = np.maximum(100 * _rounding(h, ahead, behind), 1e-6 * abs(ahead - behind) / (2 * h))
        if ((bends[k + 1] > 0.5 * bends[k]) & (bends[k + 1] > least)).any():
            return rungs[k + 2 :]
    return rungs


def _rounding(h: float, ahead: np.ndarray, behind: np.ndarray) -> np.ndarray:
    unit = np.finfo(np.result_type(ahead, behind)).eps
    rounding: np.ndarray = 4 * unit * np.maximum(abs(ahead), abs(behind)).astype(float) / h
    return rounding


# ------------------------------------------------------------------ the decision


@dataclass(frozen=True)
class Comparison:
    """Yours against the numerical derivative at one point, with what may separate the two."""

    point: np.ndarray
    yours: np.ndarray
    numerical: np.ndarray
    allowed: np.ndarray
    kink: np.ndarray
    unit: float  # relative rounding of the precision that yours is in

    @property
    def gap(self) -> np.ndarray:
        return np.where(self.kink, 0.0, abs(self.yours - self.numerical))

    @property
    def wrong(self) -> bool:
        return bool((self.gap > np.maximum(self.allowed, NOTHING)).any())

    @property
    def conclusive(self) -> bool:
        """False at a kink, and where a right slope cannot be told from a wrong one by numbers."""
        scale = max(abs(self.yours).max(), abs(self.numerical).max())
        return not self.kink.any() and bool((self.gap <= np.minimum(self.allowed, 1e-3 * scale)).all())

    @property
    def looks_numerical(self) -> bool:
        """Our own differences bit for bit, or further off than a formula's rounding."""
        size = abs(self.numerical).max()
        coarse = (self.gap > np.maximum(self.allowed - 1e-7 * abs(self.numerical), 1e-12 * size)).any()
        rough = (np.frexp(self.numerical)[0] * 2.0**26 % 1).any()  # round numbers come out exact anyway
        copied = self.numerical.size > 1 and rough and not self.gap.any()
        return bool(coarse or copied)

    @property
    def shown(self) -> list[tuple[int, ...]]:
        """The coordinates to show: wrong ones, worst first, then the others in their own order."""
        counts = self.gap > np.maximum(self.allowed, NOTHING)
        order = np.argsort(-np.where(counts, _grade(self.gap), -np.inf), axis=None, kind="stable")
        return [np.unravel_index(k, self.gap.shape) for k in order[:ROWS_SHOWN]]

    @property
    def rows(self) -> tuple[tuple[str, float, float, float], ...]:
        return tuple(
            (_coordinate(i), float(self.yours[i]), float(self.numerical[i]), float(self.gap[i]))
            for i in self.shown
        )

    @property
    def bounds(self) -> tuple[float, ...]:
        """Powers of ten that the rows' differences stay below on every processor.

        0 for wrong ones; nan at a kink, where there is no derivative to differ from.
        """
        usual = 1e-11 * _power_above(abs(self.numerical).max())  # rounding, nearly always
        most = np.maximum(self.allowed, NOTHING)

        def bound(i: Index) -> float:
            if self.kink[i]:
                return float("nan")
            if self.gap[i] > most[i]:
                return 0.0
            return usual if self.gap[i] < usual else _power_above(most[i])

        return tuple(map(bound, self.shown))


def _grade(sizes: np.ndarray) -> np.ndarray:
    """Sizes on a scale of thousandths, so that rounding does not decide which is larger."""
    with np.errstate(divide="ignore"):
        grades: np.ndarray = np.round(1000 * np.log(sizes))
    return grades


def _power_above(size: float) -> float:
    """A power of ten above size, one that sizes which differ by rounding share."""
    return float(10.0 ** np.ceil(np.log10(3.17 * size))) if size > 0 else 0.0  # 1/3.17 is no usual size


def _check(
    f: Function,
    value: Callable[[object, str], np.ndarray],
    d: Function,
    x: object,
    eps: float,
    atol: float,
    kind: str,
) -> CheckResult:
    __tracebackhide__ = True
    try:
        if not eps > 0:
            raise CheckError(f"eps is {eps}. A step must be larger than zero.")
        x = as_real_array(x, "x")
        x, shape = (_layout(f, d, x), x.shape) if kind == "gradient" else (x, None)
        f = _valued(f, value)
        first = _compare(f, d, x, eps, atol, kind)
        comparisons = [first, *(_compare(f, d, p, eps, atol, kind) for p in _nearby(x) if _exists(f, p))]
    except CheckError as problem:
        return CheckResult(False, float("inf"), "failed", str(problem))
    terms = max(abs(c.numerical).max() for c in comparisons)  # at a minimum, g is far smaller than its terms
    comparisons = [replace(c, allowed=c.allowed + 1e3 * c.unit * terms) for c in comparisons]
    first = comparisons[0]
    max_error = float(max(c.gap.max() for c in comparisons))
    wrong = next((c for c in comparisons if c.wrong), None)  # the x that was given, if that is wrong
    sure = any(c.conclusive and c.numerical.any() for c in comparisons)  # a staircase is flat everywhere
    if (wrong or not sure) and _is_rounded(f, comparisons[1:]):
        message = (
            "The values of f have few digits, as if rounded or cut off: small steps change nothing, or too "
            f"much. Where f has more digits, return them all: before, your {kind} cannot be checked."
        )
        return CheckResult(False, max_error, "inconclusive", message)
    if wrong is not None:
        message = diagnose([(c.yours, c.numerical) for c in comparisons], kind)
        return CheckResult(False, max_error, "failed", message, wrong.rows, wrong.bounds)
    if not any(c.conclusive for c in comparisons):
        message = (
            "The numerical derivative cannot decide here: f has a kink at x, or changes so little "
            "around x that the change is lost in rounding. Try another x."
        )
        return CheckResult(False, max_error, "inconclusive", message, first.rows, first.bounds)
    points = "1 point" if len(comparisons) == 1 else f"{len(comparisons)} points"
    message = f"Your {kind} agrees with the numerical derivative at {points}."
    if shape and x.shape != shape:
        message += " It was compared as a flat vector, which is how your functions return it."
    if not first.conclusive:
        message += " At the x you gave the comparison is inconclusive; the points near it decided."
    elif all(c.looks_numerical for c in comparisons[1:] or comparisons):
        message += f" It {NUMERICAL}"
    return CheckResult(True, max_error, "passed", message, first.rows, first.bounds)


def _compare(f: Measured, d: Function, x: np.ndarray, eps: float, atol: float, kind: str) -> Comparison:
    __tracebackhide__ = True
    value = f(x)
    if not np.array_equal(value, f(x)):
        raise CheckError("f gives two different values for the same x. Take the randomness out.")
    argument = x.copy()
    yours = as_derivative(d(argument), value.shape + x.shape, kind)
    if not np.array_equal(argument, x):
        raise CheckError(f"Your {kind} changes its input x in place. Work on a copy: x = x.copy().")
    if not np.array_equal(yours, as_derivative(d(x.copy()), yours.shape, kind)):
        raise CheckError(f"Your {kind} gives two different answers for the same x.")
    g, error, kink = _slopes(f, x, eps)
    unit = min(float(np.finfo(yours.dtype).eps), SINGLE)  # a float32 answer is held to float32's precision
    return Comparison(x, yours.astype(float), g, 10 * error + atol / 10 * abs(g), kink, unit)


def _is_rounded(f: Measured, nearby: list[Comparison]) -> bool:
    """Whether f has few decimals at points that have many, and is no constant."""
    values = np.array([f(c.point) for c in nearby], dtype=float)
    if not values.size or not np.ptp(values, axis=0).any():
        return False
    decimals = range(max(0, ROUNDED - int(np.ceil(np.log10(abs(values).max() + 1)))))
    return any((np.round(values, place) == values).all() for place in decimals)


def _nearby(x: np.ndarray) -> list[np.ndarray]:
    """Points near x, always the same ones, of the same size and signs: f should exist there."""
    rng = np.random.default_rng(12)
    shape = (NEARBY_POINTS, *x.shape)
    moves = rng.uniform(0.1, 0.5, shape) * rng.choice([-1, 1], shape)
    return [np.where(x == 0, (abs(x).max() or 1.0) * move, x * (1 + move)) for move in moves]


def _exists(f: Measured, point: np.ndarray) -> bool:
    try:
        f(point)
    except Exception:
        return False
    return True


# ------------------------------------------------------------------ what kind of wrong


def same(a: np.ndarray, b: np.ndarray) -> bool:
    """Equal up to what a numerical derivative can tell: 1e-6 of the largest entry."""
    return a.shape == b.shape and bool(abs(a - b).max() <= 1e-6 * abs(b).max())


def diagnose(pairs: list[tuple[np.ndarray, np.ndarray]], kind: str = "gradient") -> str:
    """Say what kind of wrong a derivative is, from (yours, right) at one or more points.

    Every story must hold at all points; when none does, the worst coordinate is named.
    """
    return f"Your {kind} has the right shape. {_story(pairs, kind)}"


def _story(pairs: list[tuple[np.ndarray, np.ndarray]], kind: str) -> str:
    (a0, g0), n, several = pairs[0], pairs[0][1].size, len(pairs) > 1
    if all(same(-a, g) for a, g in pairs):
        downhill = ": it points downhill" if kind == "gradient" else ""
        return f"Every number has the right size and the opposite sign{downhill}."
    if all((abs(a - g) <= 1e-6 * abs(g)).all() for a, g in pairs):
        return "It is right to six digits, but not to more: is something rounded, or in single precision?"
    if not any(a.any() for a, _ in pairs):
        return "But it is zero everywhere, and f does change with x."
    if all((abs(a - g) <= NEARLY * abs(g)).all() for a, g in pairs):
        return (
            "It is right to four digits or more, but not to seven: is it rounded, or a difference quotient?"
        )
    factors = [r for a, g in pairs if (r := _factor(a, g)) is not None]
    if len(factors) == len(pairs) and n * len(pairs) > 1:
        if np.ptp(factors) <= 1e-6 * abs(factors[0]):
            return f"Along every coordinate it is {_factor_story(factors[0])}"
        if n > 1:
            return _STORIES["direction"]
    constant = several and all(same(a, a0) for a, _ in pairs) and not all(same(g, g0) for _, g in pairs)
    if several and same(a0, g0):
        return _STORIES["stale" if constant else "lucky"]
    if constant:
        return "But it is the same at every point that was tried: does it use its argument?"
    for dimensions, rearrange, story in _REARRANGED:
        if g0.ndim >= dimensions and all(same(a, rearrange(g)) for a, g in pairs):
            return story
    if all(same(abs(a), abs(g)) for a, g in pairs):
        return "The sizes are right, but some signs are wrong."
    if n > 2 and all(np.ptp(a - g) <= 1e-6 * abs(g).max() for a, g in pairs):
        return "It is off by the same amount in every coordinate: was a number added to all of them?"
    off = {tuple(i) for a, g in pairs for i in np.argwhere(abs(a - g) > 1e-6 * abs(g).max())}
    if len(off) == 1 and n > 2 and not any(a[i] for a, _ in pairs for i in off):
        return f"Only coordinate {_coordinate(off.pop())} is wrong, where yours is 0: does a loop miss it?"
    a, g = next((pair for pair in pairs if not same(*pair)), pairs[0])  # where the student looks first
    wrong = np.argwhere(abs(a - g) > 1e-6 * abs(g).max())
    i = np.unravel_index(_grade(abs(a - g)).argmax(), g.shape)
    where = f"It disagrees in {len(wrong)} of {n} coordinates, most at {_coordinate(i)}"
    if len(wrong) == 1:
        where = f"Only coordinate {_coordinate(i)} is wrong"
    yours, due = told_apart(a[i], g[i])
    elsewhere = "" if a is a0 else "It is right at the x you gave. At a point near it, it is not. "
    return f"{elsewhere}{where}: yours is {yours}, the derivative is {due}."


_STORIES = {
    "direction": "It points the right way, but its length is off by a factor that changes from point to "
    "point: was it normalised, or multiplied by the loss?",
    "stale": "It is right at the x you gave and wrong at points near it: it uses a value fixed outside "
    "the function instead of its argument.",
    "lucky": "It is right at the x you gave and wrong at points near it: at this x, the mistake is hidden.",
}
_REARRANGED = (
    (2, np.transpose, "It is the transpose of the right one."),
    (
        2,
        lambda g: g.ravel("F").reshape(g.shape),
        "The numbers are right but in column order: row by row is due.",
    ),
    (1, lambda g: g[::-1], "The numbers are right but in reversed order."),
)


def _factor(a: np.ndarray, g: np.ndarray) -> float | None:
    """The number r with a = r g, if there is one."""
    r = (
        float((a / abs(g).max() * (g / abs(g).max())).sum() / ((g / abs(g).max()) ** 2).sum())
        if g.any()
        else 0.0
    )
    return r if r and same(a, r * g) else None


def _factor_story(r: float) -> str:
    if abs(r - 0.5) <= 1e-6:
        return "exactly half of the derivative: a factor 2 is missing."
    if abs(r - 2) <= 1e-6:
        return "exactly twice the derivative: there is a factor 2 too many."
    for part in (1, 2):
        n = round(part / r) if 1e-3 < r < 1 else 0
        if n and abs(r * n - part) <= 1e-6:
            return f"{part}/{n} of the derivative: does a mean stand where a sum is due?"
    return f"{r:.6g} times the derivative."


def told_apart(one: float, other: float) -> tuple[str, str]:
    """Two numbers as text, with as many digits as it takes to see that they differ."""
    digits = next((n for n in (6, 9, 12) if f"{one:.{n}g}" != f"{other:.{n}g}"), 17)
    return f"{one:.{digits}g}", f"{other:.{digits}g}"


# ------------------------------------------------------------------ what errors mean

NO_RESULT = "A function that returns nothing gives None, and so does `append`."
MEANINGS = (  # of what Python and NumPy say; {} are the groups
    (
        r"Cannot cast ufunc '\w+' output from dtype\('complex\d+'\)",
        "An array of real numbers cannot take complex ones in place, as with `+=`. Write x = x + …, "
        "a new array.",
    ),
    (
        r"Cannot cast ufunc '\w+' output from dtype\('float\d+'\) to dtype\('u?int\d+'\)",
        "An array of whole numbers cannot take fractions in place, as with `-=` or `/=`. "
        "Write x = x - …, a new array, or start from floats.",
    ),
    (
        r"ufunc 'bitwise_xor' not supported|unsupported operand type\(s\) for \^",
        "`^` is no power in Python: it compares bits. Write `**`.",
    ),
    (
        r"unsupported operand type\(s\) for (\S+): '(?:NoneType' and '\w+|\w+' and 'NoneType)'",
        f"One side of `{{}}` is None. {NO_RESULT}",
    ),
    (r"'NoneType' object (?:is not|has no)", f"Something here is None. {NO_RESULT}"),
    (
        r"(?:unsupported operand type\(s\) for|bad operand type for unary) .*: .*'list'",
        "A list does no arithmetic: [1, 2] + [3] is [1, 2, 3]. Make it an array with np.array.",
    ),
    (
        r"can't multiply sequence by non-int",
        "Lists, tuples and texts do no arithmetic: [1, 2] * 2 is [1, 2, 1, 2]. Arrays of numbers do.",
    ),
    (
        r"\b(\w+)\(\) takes (\d+) positional arguments? but (\d+) (?:was|were) given",
        "`{}` takes {} values here, and was called with {}.",
    ),
    (r"missing \d+ required positional arguments?: (.+)", "A function was called without {}."),
    (r"module 'numpy' has no attribute '(\w+)'", "NumPy has nothing called `{}`."),
    (r"inhomogeneous shape", "You make one array of parts that are not equally long."),
    (r"setting an array element with a sequence", "You put an array where a single number is due."),
    (
        r"only (?:length-1|size-1|0-dimensional) arrays can be converted",
        "A function for single numbers, such as one of math, was given an array. Use NumPy's.",
    ),
    (
        r"index \S+ is out of bounds for axis \d+ with size 0",
        "You ask for an entry of an array that has none.",
    ),
    (
        r"index (-?\d+) is out of bounds for axis (\d+) with size (\d+)",
        "You ask for entry {0} along axis {1}, which has {2}. Python counts from 0.",
    ),
    (
        r"axis (-?\d+) is out of bounds for array of dimension (\d+)",
        "There is no axis {} here: the array has {} of them, and the first is axis 0.",
    ),
    (
        r"too many indices for array: array is (\d+)-dimensional, but (\d+)",
        "You write {1} indices for an array that has {0} of them.",
    ),
    (r"invalid index to scalar variable", "You write an index after a single number."),
    (
        r"'(?:numpy\.)?(?:float64|int64|ndarray|float|int)' object is not callable",
        "Brackets follow a number or an array, as if it were a function: is a `*` or `@` missing?",
    ),
    (r"RecursionError", "Functions call each other, or themselves, more often than Python allows."),
    (
        r"(?:local variable|cannot access local variable) '(\w+)'",
        "`{}` is used in the function before it gets a value there.",
    ),
    (r"Singular matrix", "The matrix that you solve with, or invert, is singular for these numbers."),
    (
        r"too many values to unpack|not enough values to unpack",
        "What you unpack has another number of parts than there are names on the left.",
    ),
)
SIZES = r"matmul: .* mismatch|could not be broadcast|shapes .* not aligned|dimensions? must match"


def meaning_of(said: str) -> str | None:
    """What an error of Python's or NumPy's, as "ItsClass: its text", says about the code; None if unknown."""
    for pattern, sentence in MEANINGS:
        if (found := re.search(pattern, said)) is not None:
            return sentence.format(*found.groups())
    return None


def explain_errors() -> None:
    """From now on, let a notebook show below an error what it means. Outside of IPython, nothing."""
    shell = getattr(builtins, "get_ipython", lambda: None)()
    if shell is not None:
        shell.set_custom_exc((Exception,), _show_explained)


def _show_explained(
    shell: Any, kind: type, error: BaseException, trace: TracebackType | None, tb_offset: int | None = None
) -> None:
    """IPython's way to show an error, after a note on what it means, which Python keeps with the error."""
    if not isinstance(error, (CheckError, AssertionError)) and not getattr(error, "__notes__", None):
        said = f"{kind.__name__}: {error}"
        meaning = meaning_of(said) or (_sizes_of(trace) if re.search(SIZES, said) else None)
        if meaning is not None:
            error.add_note(f"What it means: {meaning}")
    shell.showtraceback((kind, error, trace), tb_offset=tb_offset)


def _sizes_of(trace: TracebackType | None) -> str | None:
    """The arrays on the line of a notebook that raised an error, with their sizes."""
    steps = [
        (frame, line)
        for frame, line in walk_tb(trace)
        if "<ipython" in (name := frame.f_code.co_filename) or "ipykernel" in name
    ]
    if not steps:
        return None
    frame, number = steps[-1]
    line = linecache.getline(frame.f_code.co_filename, number).partition("#")[0]
    names = re.findall(r"(?<![\w.])[^\W\d]\w*", line)
    arrays = {
        name: frame.f_locals[name].shape for name in names if isinstance(frame.f_locals.get(name), np.ndarray)
    }
    said = ", ".join(
        f"`{name}` is {'×'.join(map(str, shape)) or 'a number'}" for name, shape in arrays.items()
    )
    return f"Two sizes do not fit together. On that line: {said}." if said else None
