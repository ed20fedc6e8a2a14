"""What the functions of this exercise are tried on: functions to differentiate, pairs, gradients to check.

All numbers are drawn in the order of this file from one generator: who puts something new between
them changes all that follow.
"""

import numpy as np


def _cubes(x):
    return np.sum(np.asarray(x) ** 3) + np.sum(x) ** 3


def _cubes_gradient(x):
    return 3 * x**2 + 3 * np.sum(x) ** 2


def _waves(x):
    return np.sum(np.sin(x)) + np.sum(np.asarray(x) ** 2)


def _waves_gradient(x):
    return np.cos(x) + 2 * x


def _fourth_powers(x):
    return np.sum(np.asarray(x) ** 4)


def _fourth_powers_gradient(x):
    return 4 * x**3


_CUBES, _WAVES = "f(x) = Σxᵢ³ + (Σxᵢ)³", "f(x) = Σ(sin xᵢ + xᵢ²)"
_FOURTH = "f(x) = Σxᵢ⁴"


def instances(rng, scale=1.0):
    """A vector of 5, one of 3 and a matrix, with a step that shows in the answer."""
    return [
        {
            "f": f,
            "x": _numbers(rng, shape, scale),
            "h": step * scale,
            "tried": f"{formula} with h = {step * scale:g}",
        }
        for f, formula, shape, step in (
            (_cubes, _CUBES, 5, 0.1),
            (_waves, _WAVES, 3, 0.02),
            (_cubes, _CUBES, (3, 4), 0.05),
        )
    ]


def _numbers(rng, shape, scale=1.0):
    return scale * rng.uniform(0.5, 2.0, shape) * rng.choice([-1, 1], shape)


_rng = np.random.default_rng(200)


def _to_differentiate(f, formula, x, h):
    return {"f": f, "x": x, "h": h, "tried": f"{formula} on an array of shape {x.shape}, with h = {h:g}"}


# Here alone f couples its entries: elsewhere, what happens to one is nothing to the others.
vectors = tuple(_to_differentiate(_cubes, _CUBES, _numbers(_rng, n), h) for n, h in ((3, 0.1), (5, 0.01)))
vectors += (_to_differentiate(_waves, _WAVES, _numbers(_rng, 4), 0.05),)
arrays = tuple(_to_differentiate(_waves, _WAVES, _numbers(_rng, s), 0.1) for s in ((3, 5), (5, 3), (2, 3, 4)))
whole = (
    _to_differentiate(_fourth_powers, _FOURTH, np.array([3, -1, 4, 2, -5]), 0.1),
    _to_differentiate(_waves, _WAVES, np.array([2, 7, -1, 3]), 0.01),
)
far = (
    _to_differentiate(_fourth_powers, _FOURTH, _numbers(_rng, 4, 1e6), 1e4),
    _to_differentiate(_fourth_powers, _FOURTH, _numbers(_rng, 5, 1e-4), 1e-5),
)
seven = (_to_differentiate(_waves, _WAVES, _numbers(_rng, 7), 0.02),)


def _to_compare(shape, scale=1.0, near=0.3):
    """Two arrays that are alike, and of whose entries the largest in size is positive."""
    a = _numbers(_rng, shape, scale)
    b = a * (1 + near * _rng.uniform(-1, 1, shape))
    both = np.append(a, b)
    sign = np.sign(both[np.abs(both).argmax()])
    return {"a": sign * a, "b": sign * b}


pairs = tuple(_to_compare(n) for n in (3, 5, 8)) + tuple(
    {"a": pair["b"] * factor, "b": pair["a"]}
    for pair, factor in ((_to_compare(6), 4.0), (_to_compare(5), 0.2), (_to_compare(4), -0.7))
)
negative = (
    {"a": np.array([-2.0, -0.5, -2.0]), "b": np.array([-3.0, -1.0, -2.5])},
    {"a": np.array([-7.0, 1.0, 2.0, 0.5]), "b": np.array([-5.0, 1.5, 2.5, 1.0])},
)
matrices = (_to_compare((3, 5)), _to_compare((4, 3)))
whole_pairs = ({"a": np.array([3, -1, 4]), "b": np.array([2, -1, 7])},)
far_pairs = (_to_compare(4, 1e9), _to_compare(5, 1e-9), _to_compare(3, 1e-150))
zero_pairs = (
    {"a": np.zeros(3), "b": np.zeros(3)},
    {"a": np.array([0.0, 2.0, 0.0, 1.0]), "b": np.array([0.0, 1.0, 0.5, 1.0])},
    {"a": np.zeros(4), "b": np.array([0.0, 2.0, 0.0, -1.0])},
)


def _to_check(f, grad_f, x, tried):
    return {"f": f, "grad_f": grad_f, "x": x, "tried": tried}


def _right_and_wrong(f, gradient, formula, x, about=""):
    return (
        _to_check(f, gradient, x, f"{formula}{about} with its right gradient"),
        _to_check(f, lambda x: 0.5 * gradient(x), x, f"{formula}{about} with half of its gradient"),
    )


def _off_in(place, gradient):
    def grad_f(x):
        grad = gradient(x)
        grad[place] *= 1.01
        return grad

    return grad_f


_x = {n: _numbers(_rng, n) for n in (3, 5, 6, 40)}
_square = _numbers(_rng, (3, 3))
_mixed = np.arange(9.0).reshape(3, 3) + 1
_off = "a gradient that is 1 % too large in its"
plain = (
    *_right_and_wrong(_cubes, _cubes_gradient, _CUBES, _x[5]),
    _to_check(_waves, _waves_gradient, _x[3], f"{_WAVES} with its right gradient"),
    _to_check(_waves, lambda x: -_waves_gradient(x), _x[3], f"{_WAVES} with minus its gradient"),
    _to_check(_waves, lambda x: np.cos(x), _x[6], f"{_WAVES} with a gradient that lacks the term 2xᵢ"),
    _to_check(
        lambda x: np.sum(np.log(x)),
        lambda x: 1 / x,
        np.abs(_x[5]),
        "f(x) = Σ log xᵢ on positive numbers with its right gradient",
    ),
    _to_check(
        _waves,
        _waves_gradient,
        np.array([-1.5, 0.0, -0.8, -2.0]),
        f"{_WAVES} on negative numbers and a zero with its right gradient",
    ),
    _to_check(
        lambda x: np.sum(np.sin(10 * x)),
        lambda x: 10 * np.cos(10 * x),
        _x[40],
        "f(x) = Σ sin 10xᵢ on 40 numbers with its right gradient",
    ),
)
nearly = (
    _to_check(_cubes, _cubes_gradient, _x[6], f"{_CUBES} with its right gradient"),
    _to_check(_cubes, lambda x: 1.001 * _cubes_gradient(x), _x[6], f"{_CUBES} with 1.001 times its gradient"),
    _to_check(_cubes, lambda x: 0.999 * _cubes_gradient(x), _x[6], f"{_CUBES} with 0.999 times its gradient"),
    *(
        _to_check(
            _fourth_powers, _off_in(place, _fourth_powers_gradient), _x[5], f"{_FOURTH} with {_off} {which}"
        )
        for place, which in ((0, "first entry"), (-1, "last entry"))
    ),
)
in_matrices = (
    *_right_and_wrong(_waves, _waves_gradient, _WAVES, _numbers(_rng, (3, 5)), ", a matrix,"),
    _to_check(
        lambda X: np.sum(_mixed * X), lambda X: _mixed.copy(), _square, "f(X) = ΣAᵢⱼXᵢⱼ with its gradient A"
    ),
    _to_check(
        lambda X: np.sum(_mixed * X), lambda X: _mixed.T, _square, "f(X) = ΣAᵢⱼXᵢⱼ with Aᵀ as its gradient"
    ),
)
shapes = (
    _to_check(np.sum, np.ones_like, _x[3], "f(x) = Σxᵢ with its right gradient, all ones"),
    _to_check(np.sum, lambda x: 1.0, _x[3], "f(x) = Σxᵢ with the single number 1 as its gradient"),
    _to_check(
        np.sum, lambda x: np.ones((x.size, 1)), _x[5], "f(x) = Σxᵢ with a column of ones as its gradient"
    ),
    _to_check(
        np.sum, lambda X: np.ones(X.size), _square, "f(X) = ΣXᵢⱼ of a matrix with a flat vector of ones"
    ),
)
whole_points = _right_and_wrong(_cubes, _cubes_gradient, _CUBES, np.array([3, -1, 4, 2]), ", whole numbers,")
far_points = (
    *_right_and_wrong(
        _fourth_powers, _fourth_powers_gradient, _FOURTH, _numbers(_rng, 4, 1e5), " near 100,000"
    ),
    *_right_and_wrong(
        _fourth_powers, _fourth_powers_gradient, _FOURTH, _numbers(_rng, 5, 1e-5), " near 0.00001"
    ),
)


def _stale(x, about=""):
    return _to_check(
        _fourth_powers,
        lambda _: _fourth_powers_gradient(x),
        x,
        f"{_FOURTH}{about} with a gradient that ignores its argument and is right at this x only",
    )


two_points = (
    _to_check(_fourth_powers, _fourth_powers_gradient, _x[3], f"{_FOURTH} with its right gradient"),
    _stale(_x[3]),
    _stale(1e8 * _x[5], " near 100,000,000"),
)
with_nan = (
    _to_check(_fourth_powers, _fourth_powers_gradient, _x[6], f"{_FOURTH} with its right gradient"),
    _to_check(
        _fourth_powers, lambda x: np.full(x.shape, np.nan), _x[6], f"{_FOURTH} with a gradient full of nan"
    ),
)


def _to_step(f, x, tried):
    return {"f": f, "x": x, "tried": tried}


_fast = lambda x: np.sin(40 * x) + x
_powers = lambda x: x**4
numbers_to_step = (
    _to_step(np.sin, 0.7, "f(x) = sin x at 0.7"),
    _to_step(_fast, -1.3, "f(x) = sin 40x + x at -1.3"),
    _to_step(lambda x: x**5 * np.exp(-x), 2.5, "f(x) = x⁵ exp(-x) at 2.5"),
)
arrays_to_step = (
    _to_step(np.exp, _numbers(_rng, 5), "f(x) = exp x on a vector of 5 numbers"),
    _to_step(_fast, _numbers(_rng, (3, 4)), "f(x) = sin 40x + x on a matrix"),
)
whole_to_step = (
    _to_step(lambda x: x**3 - 2 * x, np.array([2, -4, 5]), "f(x) = x³ - 2x on whole numbers"),
    _to_step(_powers, np.array([3, 1, -2, 7]), "f(x) = x⁴ on whole numbers"),
)
hard = (
    _to_step(
        lambda x: 1e9 + np.sin(x),
        np.array([0.4, -1.1, 2.8]),
        "f(x) = 10⁹ + sin x, where a difference loses its digits",
    ),
    _to_step(_powers, np.array([1e-8, -3e-8]), "f(x) = x⁴ on numbers near 10⁻⁸"),
    _to_step(_powers, np.array([1e6, -2e7, 3e6]), "f(x) = x⁴ on numbers in the millions"),
)
