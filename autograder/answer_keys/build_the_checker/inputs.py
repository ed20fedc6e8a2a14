"""What the functions of this exercise are tried on: functions to differentiate, pairs, gradients to check.

The functions are the same for all, the numbers they are tried on are drawn. A verdict is one of two, so
the gradients to check come in an order that is drawn as well: nobody knows it by heart.
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


def _whole_numbers(rng, n):
    return rng.integers(1, 8, n) * rng.choice([-1, 1], n)


def _to_differentiate(f, formula, x, h):
    return {"f": f, "x": x, "h": h, "tried": f"{formula} on an array of shape {x.shape}, with h = {h:g}"}


def vectors(rng):
    """Here alone f couples its entries: elsewhere, what happens to one is nothing to the others."""
    return [
        _to_differentiate(_cubes, _CUBES, _numbers(rng, 3), 0.1),
        _to_differentiate(_cubes, _CUBES, _numbers(rng, 5), 0.01),
        _to_differentiate(_waves, _WAVES, _numbers(rng, 4), 0.05),
    ]


def arrays(rng):
    """One of the functions takes a matrix only: a flat vector of the same numbers is no input of it."""
    A = _numbers(rng, (5, 3))
    return [
        _to_differentiate(_waves, _WAVES, _numbers(rng, (3, 5)), 0.1),
        _to_differentiate(lambda X: np.sum(A * X**2), "f(X) = ΣAᵢⱼXᵢⱼ²", _numbers(rng, (5, 3)), 0.1),
        _to_differentiate(_waves, _WAVES, _numbers(rng, (2, 3, 4)), 0.1),
    ]


def whole(rng):
    return [
        _to_differentiate(_fourth_powers, _FOURTH, _whole_numbers(rng, 5), 0.1),
        _to_differentiate(_waves, _WAVES, _whole_numbers(rng, 4), 0.01),
    ]


def far(rng):
    return [
        _to_differentiate(_fourth_powers, _FOURTH, _numbers(rng, 4, 1e6), 1e4),
        _to_differentiate(_fourth_powers, _FOURTH, _numbers(rng, 5, 1e-4), 1e-5),
    ]


def seven(rng):
    return [_to_differentiate(_waves, _WAVES, _numbers(rng, 7), 0.02)]


def _positive(a, b):
    """The pair with all signs turned, if need be, so that the entry that is largest in size is positive."""
    both = np.append(a, b)
    sign = np.sign(both[np.abs(both).argmax()])
    return {"a": sign * a, "b": sign * b}


def _to_compare(rng, shape, scale=1.0):
    """Two arrays that are alike."""
    a = _numbers(rng, shape, scale)
    return _positive(a, a * (1 + 0.3 * rng.uniform(-1, 1, shape)))


def pairs(rng):
    made = [_to_compare(rng, n) for n in (3, 5, 8)]
    for n, factor in ((6, 4.0), (5, 0.2), (4, -0.7)):
        pair = _to_compare(rng, n)
        made.append(_positive(pair["b"] * factor, pair["a"]))
    return made


def negative(rng):
    """The largest in size is negative: in b first, and then in a, beside positive numbers."""
    a = -rng.uniform(0.5, 2.0, 3)
    return [
        {"a": a, "b": a - rng.uniform(0.3, 1.0, 3)},
        {
            "a": np.append(-rng.uniform(6.0, 8.0), rng.uniform(0.5, 2.0, 3)),
            "b": np.append(-rng.uniform(4.0, 5.5), rng.uniform(0.5, 2.5, 3)),
        },
    ]


def matrices(rng):
    return [_to_compare(rng, (3, 5)), _to_compare(rng, (4, 3))]


def whole_pairs(rng):
    """Whole numbers of the same signs: the error is a fraction, at least 1/9 and then at most 1/10."""
    signs, other_signs = rng.choice([-1, 1], 3), rng.choice([-1, 1], 4)
    a = rng.integers(20, 30, 4) * other_signs
    return [
        _positive(rng.integers(4, 10, 3) * signs, rng.integers(1, 4, 3) * signs),
        _positive(a, a - rng.integers(1, 3, 4) * other_signs),
    ]


def far_pairs(rng):
    return [_to_compare(rng, 4, 1e9), _to_compare(rng, 5, 1e-9), _to_compare(rng, 3, 1e-150)]


def zero_pairs(rng):
    """Two arrays of zeros, of which only the length can differ; zeros in both places, and in one."""
    zeros = np.zeros(rng.integers(3, 1000))
    large, half, small, same, first, last = rng.uniform(
        [1.5, 0.7, 0.3, 0.8, 1.5, 0.8], [2.5, 1, 0.6, 1.2, 2.5, 1.2]
    )
    return [
        {"a": zeros, "b": zeros},
        {"a": np.array([0.0, large, 0.0, same]), "b": np.array([0.0, half, small, same])},
        {"a": np.zeros(4), "b": np.array([0.0, first, 0.0, -last])},
    ]


def _to_check(f, grad_f, x, tried):
    return {"f": f, "grad_f": grad_f, "x": x, "tried": tried}


def _right_and_wrong(f, gradient, formula, x, about=""):
    return [
        _to_check(f, gradient, x, f"{formula}{about} with its right gradient"),
        _to_check(f, lambda x: 0.5 * gradient(x), x, f"{formula}{about} with half of its gradient"),
    ]


def _off_in(place, gradient):
    def grad_f(x):
        grad = gradient(x)
        grad[place] *= 1.01
        return grad

    return grad_f


def _shuffled(rng, made):
    return [made[i] for i in rng.permutation(len(made))]


def plain(rng):
    x = {n: _numbers(rng, n) for n in (3, 5, 6, 40)}
    below = -rng.uniform(0.5, 2.0, 4)
    below[1] = 0.0
    made = [
        *_right_and_wrong(_cubes, _cubes_gradient, _CUBES, x[5]),
        _to_check(_waves, _waves_gradient, x[3], f"{_WAVES} with its right gradient"),
        _to_check(_waves, lambda x: -_waves_gradient(x), x[3], f"{_WAVES} with minus its gradient"),
        _to_check(_waves, lambda x: np.cos(x), x[6], f"{_WAVES} with a gradient that lacks the term 2xᵢ"),
        _to_check(
            lambda x: np.sum(np.log(x)),
            lambda x: 1 / x,
            np.abs(x[5]),
            "f(x) = Σ log xᵢ on positive numbers with its right gradient",
        ),
        _to_check(
            _waves,
            _waves_gradient,
            below,
            f"{_WAVES} on negative numbers and a zero with its right gradient",
        ),
        _to_check(
            lambda x: np.sum(np.sin(10 * x)),
            lambda x: 10 * np.cos(10 * x),
            x[40],
            "f(x) = Σ sin 10xᵢ on 40 numbers with its right gradient",
        ),
    ]
    return _shuffled(rng, made)


def nearly(rng):
    x, y = _numbers(rng, 6), _numbers(rng, 5)
    off = "a gradient that is 1 % too large in its"
    made = [
        _to_check(_cubes, _cubes_gradient, x, f"{_CUBES} with its right gradient"),
        _to_check(_cubes, lambda x: 1.001 * _cubes_gradient(x), x, f"{_CUBES} with 1.001 times its gradient"),
        _to_check(_cubes, lambda x: 0.999 * _cubes_gradient(x), x, f"{_CUBES} with 0.999 times its gradient"),
        *(
            _to_check(
                _fourth_powers, _off_in(place, _fourth_powers_gradient), y, f"{_FOURTH} with {off} {which}"
            )
            for place, which in ((0, "first entry"), (-1, "last entry"))
        ),
    ]
    return _shuffled(rng, made)


def in_matrices(rng):
    A, x = _numbers(rng, (3, 3)), _numbers(rng, (3, 3))
    linear = lambda X: np.sum(A * X)
    made = [
        *_right_and_wrong(_waves, _waves_gradient, _WAVES, _numbers(rng, (3, 5)), ", a matrix,"),
        _to_check(linear, lambda X: A.copy(), x, "f(X) = ΣAᵢⱼXᵢⱼ with its gradient A"),
        _to_check(linear, lambda X: A.T, x, "f(X) = ΣAᵢⱼXᵢⱼ with Aᵀ as its gradient"),
    ]
    return _shuffled(rng, made)


def shapes(rng):
    x, y, X = _numbers(rng, 3), _numbers(rng, 5), _numbers(rng, (3, 3))
    made = [
        _to_check(np.sum, np.ones_like, x, "f(x) = Σxᵢ with its right gradient, all ones"),
        _to_check(np.sum, lambda x: 1.0, x, "f(x) = Σxᵢ with the single number 1 as its gradient"),
        _to_check(
            np.sum, lambda x: np.ones((x.size, 1)), y, "f(x) = Σxᵢ with a column of ones as its gradient"
        ),
        _to_check(np.sum, lambda X: np.ones(X.size), X, "f(X) = ΣXᵢⱼ of a matrix with a flat vector of ones"),
    ]
    return _shuffled(rng, made)


def whole_points(rng):
    made = []
    for _ in range(2):
        x = _whole_numbers(rng, 4)
        made += _right_and_wrong(_cubes, _cubes_gradient, _CUBES, x, ", whole numbers,")
    return _shuffled(rng, made)


def far_points(rng):
    f, gradient = _fourth_powers, _fourth_powers_gradient
    made = [
        *_right_and_wrong(f, gradient, _FOURTH, _numbers(rng, 4, 1e5), " near 100,000"),
        *_right_and_wrong(f, gradient, _FOURTH, _numbers(rng, 5, 1e-5), " near 0.00001"),
    ]
    return _shuffled(rng, made)


def _stale(x, about=""):
    return _to_check(
        _fourth_powers,
        lambda _: _fourth_powers_gradient(x),
        x,
        f"{_FOURTH}{about} with a gradient that ignores its argument and is right at this x only",
    )


def two_points(rng):
    x, y, z = _numbers(rng, 3), _numbers(rng, 6), _numbers(rng, 5, 1e8)
    about = f"{_FOURTH} with its right gradient"
    made = [
        *(_to_check(_fourth_powers, _fourth_powers_gradient, point, about) for point in (x, y)),
        _stale(x),
        _stale(z, " near 100,000,000"),
    ]
    return _shuffled(rng, made)


def with_nan(rng):
    made = []
    for n in (3, 6):
        x = _numbers(rng, n)
        full = lambda x: np.full(x.shape, np.nan)
        made += [
            _to_check(_fourth_powers, _fourth_powers_gradient, x, f"{_FOURTH} with its right gradient"),
            _to_check(_fourth_powers, full, x, f"{_FOURTH} with a gradient full of nan"),
        ]
    return _shuffled(rng, made)


def _to_step(f, x, tried):
    return {"f": f, "x": x, "tried": tried}


_fast = lambda x: np.sin(40 * x) + x
_powers = lambda x: x**4


def _where_steep(rng, shape=()):
    """Numbers at which the slope of _fast, 40 cos 40x + 1, is not near 0: a long step does not show there."""
    while True:
        x = _numbers(rng, shape)
        if np.min(np.abs(np.cos(40 * x) + 1 / 40)) > 0.05:
            return x


def numbers_to_step(rng):
    x, z = rng.uniform([0.4, 2.2], [0.9, 2.8]).tolist()
    y = float(_where_steep(rng))
    return [
        _to_step(np.sin, x, f"f(x) = sin x at {x:.6g}"),
        _to_step(_fast, y, f"f(x) = sin 40x + x at {y:.6g}"),
        _to_step(lambda x: x**5 * np.exp(-x), z, f"f(x) = x⁵ exp(-x) at {z:.6g}"),
    ]


def arrays_to_step(rng):
    return [
        _to_step(np.exp, _numbers(rng, 5), "f(x) = exp x on a vector of 5 numbers"),
        _to_step(_fast, _where_steep(rng, (3, 4)), "f(x) = sin 40x + x on a matrix"),
    ]


def one_array_to_step(rng):
    return arrays_to_step(rng)[:1]


def whole_to_step(rng):
    return [
        _to_step(lambda x: x**3 - 2 * x, _whole_numbers(rng, 3), "f(x) = x³ - 2x on whole numbers"),
        _to_step(_powers, _whole_numbers(rng, 4), "f(x) = x⁴ on whole numbers"),
    ]


def hard(rng):
    return [
        _to_step(
            lambda x: 1e9 + np.sin(x),
            _numbers(rng, 3),
            "f(x) = 10⁹ + sin x, where a difference loses its digits",
        ),
        _to_step(_powers, _numbers(rng, 2, 2e-8), "f(x) = x⁴ on numbers near 10⁻⁸"),
        _to_step(_powers, _numbers(rng, 3, 5e6), "f(x) = x⁴ on numbers in the millions"),
    ]
