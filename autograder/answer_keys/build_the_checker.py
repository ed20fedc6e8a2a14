"""Build the checker: numerical_gradient, relative_error, gradient_check, complex_step_derivative.

The central difference (f(x + he) - f(x - he)) / 2h is off by h²f'''/6 and by rounding, about εf/h.
The complex step Im f(x + ih) / h (W. Squire and G. Trapp, SIAM Review 40(1), 1998) subtracts
nothing, so that its h can be as small as 1e-20. Here functions are arguments: students' checkers
are handed right and wrong gradients.
"""

import numpy as np

from autograder.problem_sets.key import Check, Question, mistake, variant

points = 20
points_by_hand = 5


def numerical_gradient(f, x, h):
    x = np.asarray(x, dtype=float)
    grad = np.zeros(x.shape)
    for i in np.ndindex(x.shape):
        step = np.zeros(x.shape)
        step[i] = h
        grad[i] = (f(x + step) - f(x - step)) / (2 * h)
    return grad


def relative_error(a, b):
    largest = max(np.max(np.abs(a)), np.max(np.abs(b)))
    return float(np.max(np.abs(np.subtract(a, b))) / largest) if largest else 0.0


def gradient_check(f, grad_f, x):
    x = np.asarray(x, dtype=float)
    for point in (x, 1.25 * x):
        analytic = np.asarray(grad_f(point.copy()))
        if analytic.shape != point.shape:
            return False
        numeric = numerical_gradient(f, point, 1e-5 * np.max(np.abs(point)))
        if not relative_error(analytic, numeric) < 1e-6:
            return False
    return True


def complex_step_derivative(f, x):
    h = 1e-20
    return np.imag(f(x + 1j * h)) / h


# ---------------------------------------------------------------- functions to try


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
_vectors = tuple(_to_differentiate(_cubes, _CUBES, _numbers(_rng, n), h) for n, h in ((3, 0.1), (5, 0.01)))
_vectors += (_to_differentiate(_waves, _WAVES, _numbers(_rng, 4), 0.05),)
_arrays = tuple(
    _to_differentiate(_waves, _WAVES, _numbers(_rng, s), 0.1) for s in ((3, 5), (5, 3), (2, 3, 4))
)
_whole = (
    _to_differentiate(_fourth_powers, _FOURTH, np.array([3, -1, 4, 2, -5]), 0.1),
    _to_differentiate(_waves, _WAVES, np.array([2, 7, -1, 3]), 0.01),
)
_far = (
    _to_differentiate(_fourth_powers, _FOURTH, _numbers(_rng, 4, 1e6), 1e4),
    _to_differentiate(_fourth_powers, _FOURTH, _numbers(_rng, 5, 1e-4), 1e-5),
)
_seven = (_to_differentiate(_waves, _WAVES, _numbers(_rng, 7), 0.02),)


def _to_compare(shape, scale=1.0, near=0.3):
    """Two arrays that are alike, and of whose entries the largest in size is positive."""
    a = _numbers(_rng, shape, scale)
    b = a * (1 + near * _rng.uniform(-1, 1, shape))
    both = np.append(a, b)
    sign = np.sign(both[np.abs(both).argmax()])
    return {"a": sign * a, "b": sign * b}


_pairs = tuple(_to_compare(n) for n in (3, 5, 8)) + tuple(
    {"a": pair["b"] * factor, "b": pair["a"]}
    for pair, factor in ((_to_compare(6), 4.0), (_to_compare(5), 0.2), (_to_compare(4), -0.7))
)
_negative = (
    {"a": np.array([-2.0, -0.5, -2.0]), "b": np.array([-3.0, -1.0, -2.5])},
    {"a": np.array([-7.0, 1.0, 2.0, 0.5]), "b": np.array([-5.0, 1.5, 2.5, 1.0])},
)
_matrices = (_to_compare((3, 5)), _to_compare((4, 3)))
_whole_pairs = ({"a": np.array([3, -1, 4]), "b": np.array([2, -1, 7])},)
_far_pairs = (_to_compare(4, 1e9), _to_compare(5, 1e-9), _to_compare(3, 1e-150))
_zero_pairs = (
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
_plain = (
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
_nearly = (
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
_in_matrices = (
    *_right_and_wrong(_waves, _waves_gradient, _WAVES, _numbers(_rng, (3, 5)), ", a matrix,"),
    _to_check(
        lambda X: np.sum(_mixed * X), lambda X: _mixed.copy(), _square, "f(X) = ΣAᵢⱼXᵢⱼ with its gradient A"
    ),
    _to_check(
        lambda X: np.sum(_mixed * X), lambda X: _mixed.T, _square, "f(X) = ΣAᵢⱼXᵢⱼ with Aᵀ as its gradient"
    ),
)
_shapes = (
    _to_check(np.sum, np.ones_like, _x[3], "f(x) = Σxᵢ with its right gradient, all ones"),
    _to_check(np.sum, lambda x: 1.0, _x[3], "f(x) = Σxᵢ with the single number 1 as its gradient"),
    _to_check(
        np.sum, lambda x: np.ones((x.size, 1)), _x[5], "f(x) = Σxᵢ with a column of ones as its gradient"
    ),
    _to_check(
        np.sum, lambda X: np.ones(X.size), _square, "f(X) = ΣXᵢⱼ of a matrix with a flat vector of ones"
    ),
)
_whole_points = _right_and_wrong(_cubes, _cubes_gradient, _CUBES, np.array([3, -1, 4, 2]), ", whole numbers,")
_far_points = (
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


_two_points = (
    _to_check(_fourth_powers, _fourth_powers_gradient, _x[3], f"{_FOURTH} with its right gradient"),
    _stale(_x[3]),
    _stale(1e8 * _x[5], " near 100,000,000"),
)
_with_nan = (
    _to_check(_fourth_powers, _fourth_powers_gradient, _x[6], f"{_FOURTH} with its right gradient"),
    _to_check(
        _fourth_powers, lambda x: np.full(x.shape, np.nan), _x[6], f"{_FOURTH} with a gradient full of nan"
    ),
)


def _to_step(f, x, tried):
    return {"f": f, "x": x, "tried": tried}


_fast = lambda x: np.sin(40 * x) + x
_powers = lambda x: x**4
_numbers_to_step = (
    _to_step(np.sin, 0.7, "f(x) = sin x at 0.7"),
    _to_step(_fast, -1.3, "f(x) = sin 40x + x at -1.3"),
    _to_step(lambda x: x**5 * np.exp(-x), 2.5, "f(x) = x⁵ exp(-x) at 2.5"),
)
_arrays_to_step = (
    _to_step(np.exp, _numbers(_rng, 5), "f(x) = exp x on a vector of 5 numbers"),
    _to_step(_fast, _numbers(_rng, (3, 4)), "f(x) = sin 40x + x on a matrix"),
)
_whole_to_step = (
    _to_step(lambda x: x**3 - 2 * x, np.array([2, -4, 5]), "f(x) = x³ - 2x on whole numbers"),
    _to_step(_powers, np.array([3, 1, -2, 7]), "f(x) = x⁴ on whole numbers"),
)
_hard = (
    _to_step(
        lambda x: 1e9 + np.sin(x),
        np.array([0.4, -1.1, 2.8]),
        "f(x) = 10⁹ + sin x, where a difference loses its digits",
    ),
    _to_step(_powers, np.array([1e-8, -3e-8]), "f(x) = x⁴ on numbers near 10⁻⁸"),
    _to_step(_powers, np.array([1e6, -2e7, 3e6]), "f(x) = x⁴ on numbers in the millions"),
)

questions = (
    Question(
        numerical_gradient,
        (
            Check("vectors", "functions of 3, 4 and 5 numbers", 2, _vectors),
            Check("matrices and larger arrays", "functions of 2 and 3 dimensions", 1.5, _arrays),
            Check("whole numbers", "arrays of whole numbers", 1, _whole),
            Check("very large and very small", "numbers near a million and a ten-thousandth", 1, _far),
            Check(
                "how often f is called",
                "a function that counts its calls",
                1,
                _seven,
                calls=lambda f, x, h: 2 * x.size,
            ),
        ),
    ),
    Question(
        relative_error,
        (
            Check("ordinary vectors", "pairs of vectors, more and less alike", 2, _pairs),
            Check("negative numbers", "pairs whose largest entry is negative", 1, _negative),
            Check("matrices", "pairs of matrices", 1, _matrices),
            Check("whole numbers", "pairs of whole numbers", 0.5, _whole_pairs),
            Check("very large and very small", "numbers near 10⁹, 10⁻⁹ and 10⁻¹⁵⁰", 1, _far_pairs),
            Check("zeros", "pairs with zeros, and two arrays of zeros", 1, _zero_pairs),
        ),
    ),
    Question(
        gradient_check,
        (
            Check("right and wrong gradients", "functions with right and with wrong gradients", 2, _plain),
            Check(
                "nearly right gradients", "gradients that are off by little, or in one entry", 1.5, _nearly
            ),
            Check(
                "matrices",
                "functions of a matrix, with gradients right, halved and transposed",
                1,
                _in_matrices,
            ),
            Check("wrong shapes", "gradients of the wrong shape", 1, _shapes),
            Check("whole numbers", "x made of whole numbers", 1, _whole_points),
            Check("very large and very small", "x near 100,000 and near 0.00001", 1.5, _far_points),
            Check("right at one point only", "a gradient that ignores its argument", 1, _two_points),
            Check("nan", "a gradient that is not a number", 0.5, _with_nan),
        ),
    ),
    Question(
        complex_step_derivative,
        (
            Check("single numbers", "functions of one number", 2, _numbers_to_step),
            Check("arrays", "functions applied entry by entry", 1, _arrays_to_step),
            Check("whole numbers", "arrays of whole numbers", 1, _whole_to_step),
            Check("where differences fail", "functions on which a difference loses its digits", 1.5, _hard),
            Check(
                "how often f is called",
                "a function that counts its calls",
                0.5,
                _arrays_to_step[:1],
                calls=lambda f, x: 1,
            ),
        ),
    ),
)

equivalent = {
    (
        "numerical_gradient",
        "a line left out, line 1",
    ): "the tests hand over arrays, and x ± step makes floats of whole numbers",
    ("numerical_gradient", "ones for zeros, line 2"): "the loop puts a slope into every entry",
    ("relative_error", "arguments turned round, line 1"): "max(p, q) = max(q, p)",
    ("relative_error", "arguments turned round, line 2"): "|b − a| = |a − b|",
    (
        "gradient_check",
        "a line left out, line 1",
    ): "the tests hand over arrays, and numerical_gradient and the gradients tried take whole numbers too",
    ("gradient_check", "0.25 for 1.25, line 2"): "0.25x is as good a second point as 1.25x",
    ("gradient_check", "0.625 for 1.25, line 2"): "0.625x is as good a second point as 1.25x",
    ("gradient_check", "2.25 for 1.25, line 2"): "2.25x is as good a second point as 1.25x",
    (
        "gradient_check",
        "5e-06 for 1e-05, line 6",
    ): "the best step is near ε^(1/3) ≈ 6e-6, and half of 1e-5 is nearer to it still",
    (
        "gradient_check",
        "-1e-05 for 1e-05, line 6",
    ): "(f(x − h) − f(x + h)) / (−2h) = (f(x + h) − f(x − h)) / 2h",
    (
        "gradient_check",
        "another comparison, line 7",
    ): "whether an error is exactly 1e-6 is a matter of rounding",
    ("gradient_check", "arguments turned round, line 7"): "the relative error of a and b is that of b and a",
    (
        "gradient_check",
        "5e-07 for 1e-06, line 7",
    ): "right gradients are off by 1e-8 at most, wrong ones by nearly 1e-3: any tolerance between will do",
    ("complex_step_derivative", "-1e-20 for 1e-20, line 1"): "Im f(x − ih) / (−h) = Im f(x + ih) / h",
    (
        "complex_step_derivative",
        "5e-21 for 1e-20, line 1",
    ): "the error, (h/x)² of f', is below rounding for every h far below 1e-8 x, and 1e-20 is",
}


# ---------------------------------------------------------------- wrong numerical gradients


@mistake("numerical_gradient")
def stepped_forward_only(f, x, h):
    """This is the forward difference. The central one steps to both sides and divides by 2h."""
    x = np.asarray(x, dtype=float)
    grad = np.zeros(x.shape)
    for i in np.ndindex(x.shape):
        ahead = x.copy()
        ahead[i] += h
        grad[i] = (f(ahead) - f(x)) / h
    return grad


@mistake("numerical_gradient")
def stepped_backward_only(f, x, h):
    """This is the backward difference. The central one steps to both sides and divides by 2h."""
    x = np.asarray(x, dtype=float)
    grad = np.zeros(x.shape)
    for i in np.ndindex(x.shape):
        behind = x.copy()
        behind[i] -= h
        grad[i] = (f(x) - f(behind)) / h
    return grad


@mistake("numerical_gradient")
def divided_by_one_step(f, x, h):
    """From x - h to x + h are two steps. Divide by 2h, not by h."""
    x = np.asarray(x, dtype=float)
    grad = np.zeros(x.shape)
    for i in np.ndindex(x.shape):
        step = np.zeros(x.shape)
        step[i] = h
        grad[i] = (f(x + step) - f(x - step)) / h
    return grad


@mistake("numerical_gradient")
def did_not_divide(f, x, h):
    """You return the change of f. A slope is the change divided by the distance, 2h."""
    x = np.asarray(x, dtype=float)
    grad = np.zeros(x.shape)
    for i in np.ndindex(x.shape):
        step = np.zeros(x.shape)
        step[i] = h
        grad[i] = f(x + step) - f(x - step)
    return grad


@mistake("numerical_gradient")
def left_out_the_brackets(f, x, h):
    """Python reads `/ 2 * h` from left to right: it divides by 2 and multiplies by h. Write `/ (2 * h)`."""
    x = np.asarray(x, dtype=float)
    grad = np.zeros(x.shape)
    for i in np.ndindex(x.shape):
        step = np.zeros(x.shape)
        step[i] = h
        grad[i] = (f(x + step) - f(x - step)) / 2 * h
    return grad


@mistake("numerical_gradient")
def subtracted_the_wrong_way(f, x, h):
    """Every sign is wrong. Subtract the value behind from the value ahead: f(x + h) - f(x - h)."""
    x = np.asarray(x, dtype=float)
    grad = np.zeros(x.shape)
    for i in np.ndindex(x.shape):
        step = np.zeros(x.shape)
        step[i] = h
        grad[i] = (f(x - step) - f(x + step)) / (2 * h)
    return grad


@mistake("numerical_gradient")
def did_not_step_back(f, x, h):
    """Each entry stays at x - h while you go on to the next. Put it back, or start from a fresh copy."""
    moved = np.array(x, dtype=float)
    grad = np.zeros(moved.shape)
    for i in np.ndindex(moved.shape):
        moved[i] += h
        ahead = f(moved.copy())
        moved[i] -= 2 * h
        grad[i] = (ahead - f(moved.copy())) / (2 * h)
    return grad


@mistake("numerical_gradient")
def cut_off_the_step(f, x, h):
    """In an array of whole numbers the step is cut off to a whole number. Convert x to floats first."""
    grad = np.zeros(x.shape)
    for i in np.ndindex(x.shape):
        ahead, behind = x.copy(), x.copy()
        ahead[i] += h
        behind[i] -= h
        grad[i] = (f(ahead) - f(behind)) / (2 * h)
    return grad


@mistake("numerical_gradient")
def moved_x_itself(f, x, h):
    """You move the entries of x itself, and the caller's array has changed. Work on a copy."""
    grad = np.zeros(x.shape)
    for i in np.ndindex(x.shape):
        x[i] += h
        ahead = f(x)
        x[i] -= 2 * h
        grad[i] = (ahead - f(x)) / (2 * h)
    return grad


@mistake("numerical_gradient")
def chose_another_step(f, x, h):
    """Your step is always 1e-5. Use the h that is handed over."""
    x = np.asarray(x, dtype=float)
    grad = np.zeros(x.shape)
    for i in np.ndindex(x.shape):
        step = np.zeros(x.shape)
        step[i] = 1e-5
        grad[i] = (f(x + step) - f(x - step)) / 2e-5
    return grad


@mistake("numerical_gradient")
def stepped_in_proportion(f, x, h):
    """Your step is h times the entry. Use h itself, the same for every entry."""
    x = np.asarray(x, dtype=float)
    grad = np.zeros(x.shape)
    for i in np.ndindex(x.shape):
        step = np.zeros(x.shape)
        step[i] = h * x[i]
        grad[i] = (f(x + step) - f(x - step)) / (2 * step[i])
    return grad


@mistake("numerical_gradient")
def flattened_the_result(f, x, h):
    """The numbers are right, but your result is flat. Give it the shape of x."""
    x = np.asarray(x, dtype=float)
    grad = []
    for i in np.ndindex(x.shape):
        step = np.zeros(x.shape)
        step[i] = h
        grad.append((f(x + step) - f(x - step)) / (2 * h))
    return np.array(grad)


@mistake("numerical_gradient")
def moved_whole_rows(f, x, h):
    """In a matrix, x[i] is a whole row, and you move all of it. Visit every single entry: see np.ndindex."""
    x = np.asarray(x, dtype=float)
    grad = np.zeros(x.shape)
    for i in range(len(x)):
        step = np.zeros(x.shape)
        step[i] = h
        grad[i] = (f(x + step) - f(x - step)) / (2 * h)
    return grad


@mistake("numerical_gradient")
def moved_everything_at_once(f, x, h):
    """You move all entries together and get one number. Move one at a time and hold the others still."""
    x = np.asarray(x, dtype=float)
    return (f(x + h) - f(x - h)) / (2 * h)


@mistake("numerical_gradient")
def filled_with_one_number(f, x, h):
    """Every entry is the same number, because you move all together. Move one entry at a time."""
    x = np.asarray(x, dtype=float)
    return np.full(x.shape, (f(x + h) - f(x - h)) / (2 * h))


@mistake("numerical_gradient")
def measured_one_coordinate(f, x, h):
    """Only the first entry is measured: a return stands inside the loop, or the loop is missing."""
    x = np.asarray(x, dtype=float)
    grad = np.zeros(x.shape)
    for i in np.ndindex(x.shape):
        step = np.zeros(x.shape)
        step[i] = h
        grad[i] = (f(x + step) - f(x - step)) / (2 * h)
        return grad


@mistake("numerical_gradient")
def missed_the_last_coordinate(f, x, h):
    """The last entry is 0. A loop over range(n - 1) stops one too early."""
    x = np.asarray(x, dtype=float)
    grad = np.zeros(x.size)
    for i in range(x.size - 1):
        step = np.zeros(x.size)
        step[i] = h
        step = step.reshape(x.shape)
        grad[i] = (f(x + step) - f(x - step)) / (2 * h)
    return grad.reshape(x.shape)


@mistake("numerical_gradient")
def added_the_slopes(f, x, h):
    """You add the slopes up. A gradient keeps one number for each entry of x."""
    x = np.asarray(x, dtype=float)
    total = 0.0
    for i in np.ndindex(x.shape):
        step = np.zeros(x.shape)
        step[i] = h
        total += (f(x + step) - f(x - step)) / (2 * h)
    return total


@mistake("numerical_gradient")
def stepped_twice_ahead(f, x, h):
    """You divide by 2h, but both of your steps go ahead: (f(x + 2h) - f(x)) / 2h. Step to both sides."""
    x = np.asarray(x, dtype=float)
    grad = np.zeros(x.shape)
    for i in np.ndindex(x.shape):
        step = np.zeros(x.shape)
        step[i] = 2 * h
        grad[i] = (f(x + step) - f(x)) / (2 * h)
    return grad


@mistake("numerical_gradient")
def called_f_too_often(f, x, h):
    """The slopes are right, but you call f more often than twice for each entry. Which calls can go?"""
    x = np.asarray(x, dtype=float)
    grad = np.zeros(x.shape)
    for i in np.ndindex(x.shape):
        step = np.zeros(x.shape)
        step[i] = h
        here = f(x)
        grad[i] = ((f(x + step) - here) + (here - f(x - step))) / (2 * h)
    return grad


@mistake("numerical_gradient")
def rounded_the_slopes(f, x, h):
    """You round the slopes, and very small ones become 0. Return the numbers as they are."""
    x = np.asarray(x, dtype=float)
    grad = np.zeros(x.shape)
    for i in np.ndindex(x.shape):
        step = np.zeros(x.shape)
        step[i] = h
        grad[i] = round((f(x + step) - f(x - step)) / (2 * h), 9)
    return grad


# ---------------------------------------------------------------- wrong relative errors


@mistake("relative_error")
def took_the_absolute_error(a, b):
    """This is the absolute error. Divide it by the largest entry, or it says nothing about digits."""
    return np.max(np.abs(a - b))


@mistake("relative_error")
def divided_by_the_second(a, b):
    """You divide by the size of b only. Take the larger of both, so that a and b can change places."""
    largest = np.max(np.abs(b))
    return np.max(np.abs(a - b)) / largest if largest else 0.0


@mistake("relative_error")
def divided_by_the_first(a, b):
    """You divide by the size of a only. Take the larger of both, so that a and b can change places."""
    largest = np.max(np.abs(a))
    return np.max(np.abs(a - b)) / largest if largest else 0.0


@mistake("relative_error")
def divided_zero_by_zero(a, b):
    """For two arrays of zeros you divide 0 by 0. They are equal: return 0 for them."""
    return np.max(np.abs(a - b)) / max(np.max(np.abs(a)), np.max(np.abs(b)))


@mistake("relative_error")
def forgot_the_sign_above(a, b):
    """Above the line, abs is missing: a negative difference is an error too."""
    largest = max(np.max(np.abs(a)), np.max(np.abs(b)))
    return np.max(a - b) / largest if largest else 0.0


@mistake("relative_error")
def forgot_the_sign_below(a, b):
    """Below the line, abs is missing: the largest entry in size may be a negative one."""
    largest = max(np.max(a), np.max(b))
    return np.max(np.abs(a - b)) / largest if largest else 0.0


@mistake("relative_error")
def kept_every_entry(a, b):
    """You return one error for each entry. Take the largest: the result is a single number."""
    largest = max(np.max(np.abs(a)), np.max(np.abs(b)))
    return np.abs(a - b) / largest if largest else np.zeros(np.shape(a))


@mistake("relative_error")
def divided_entry_by_entry(a, b):
    """You divide each entry by its own size: one near 0 then decides. Divide by the largest of all."""
    sizes = np.maximum(np.abs(a), np.abs(b))
    return np.max(np.abs(a - b) / np.where(sizes == 0, 1, sizes))


@mistake("relative_error")
def added_both_sizes(a, b):
    """You divide by the sum of the two sizes. Here it is the larger of the two."""
    both = np.max(np.abs(a)) + np.max(np.abs(b))
    return np.max(np.abs(a - b)) / both if both else 0.0


@mistake("relative_error")
def divided_by_the_smaller(a, b):
    """You divide by the smaller of the two sizes. Here it is the larger one."""
    smaller = min(np.max(np.abs(a)), np.max(np.abs(b)))
    return np.max(np.abs(a - b)) / smaller if smaller else 0.0


@mistake("relative_error")
def took_means(a, b):
    """You compare means. A mean hides one wrong entry among many: take the largest, above and below."""
    largest = max(np.mean(np.abs(a)), np.mean(np.abs(b)))
    return np.mean(np.abs(a - b)) / largest if largest else 0.0


@mistake("relative_error")
def took_lengths(a, b):
    """You compare lengths of vectors, √Σxᵢ². Here it is the largest entry, above and below."""
    largest = max(np.sqrt(np.sum(a * a)), np.sqrt(np.sum(b * b)))
    return np.sqrt(np.sum((a - b) ** 2)) / largest if largest else 0.0


@mistake("relative_error")
def added_a_small_number(a, b):
    """You add a small number below the line to avoid 0/0. It spoils the answer for very small a and b."""
    return np.max(np.abs(a - b)) / (max(np.max(np.abs(a)), np.max(np.abs(b))) + 1e-8)


@mistake("relative_error")
def divided_by_one_at_least(a, b):
    """You divide by 1 at least: numbers below 1 get an absolute error. Divide by the largest entry."""
    return np.max(np.abs(a - b)) / max(1.0, np.max(np.abs(a)), np.max(np.abs(b)))


@mistake("relative_error")
def counted_in_percent(a, b):
    """Your answer is in percent, 100 times too large. Return the plain quotient."""
    largest = max(np.max(np.abs(a)), np.max(np.abs(b)))
    return 100 * np.max(np.abs(a - b)) / largest if largest else 0.0


@mistake("relative_error")
def compared_the_sizes(a, b):
    """You subtract the largest entries. Subtract first, entry from entry, and then take the largest."""
    p, q = np.max(np.abs(a)), np.max(np.abs(b))
    return abs(p - q) / max(p, q) if max(p, q) else 0.0


@mistake("relative_error")
def cut_off_at_one(a, b):
    """You cut the answer off at 1. Where a and b point in opposite directions, it goes up to 2."""
    largest = max(np.max(np.abs(a)), np.max(np.abs(b)))
    return min(np.max(np.abs(a - b)) / largest, 1.0) if largest else 0.0


@mistake("relative_error")
def took_norms_of_rows(a, b):
    """Of a matrix, np.linalg.norm with np.inf adds up each row. Take the largest entry, np.max(np.abs(a))."""
    largest = max(np.linalg.norm(a, np.inf), np.linalg.norm(b, np.inf))
    return np.linalg.norm(a - b, np.inf) / largest if largest else 0.0


@mistake("relative_error")
def divided_in_place(a, b):
    """`/=` cannot put fractions into an array of whole numbers. Write `error / largest`, a new array."""
    error = np.abs(a - b)
    largest = max(np.max(np.abs(a)), np.max(np.abs(b)))
    if largest:
        error /= largest
    return np.max(error)


# ---------------------------------------------------------------- wrong checks


@mistake("gradient_check")
def used_an_absolute_tolerance(f, grad_f, x):
    """You compare an absolute error: large right gradients fail, small wrong ones pass."""
    x = np.asarray(x, dtype=float)
    for point in (x, 1.25 * x):
        analytic = np.asarray(grad_f(point.copy()))
        if analytic.shape != point.shape:
            return False
        numeric = numerical_gradient(f, point, 1e-5 * np.max(np.abs(point)))
        if not np.max(np.abs(analytic - numeric)) < 1e-6:
            return False
    return True


@mistake("gradient_check")
def used_allclose(f, grad_f, x):
    """np.allclose allows 1e-8 more: small wrong gradients pass. Use your relative_error."""
    x = np.asarray(x, dtype=float)
    for point in (x, 1.25 * x):
        analytic = np.asarray(grad_f(point.copy()))
        if analytic.shape != point.shape:
            return False
        if not np.allclose(analytic, numerical_gradient(f, point, 1e-5 * np.max(np.abs(point)))):
            return False
    return True


@mistake("gradient_check")
def compared_it_with_itself(f, grad_f, x):
    """Wrong gradients pass: you compare grad_f with itself. Compare it with numerical_gradient."""
    x = np.asarray(x, dtype=float)
    return relative_error(grad_f(x), grad_f(x)) < 1e-6


@mistake("gradient_check")
def fixed_the_step(f, grad_f, x):
    """Your step is 1e-5 for every x, too long for very small x. Take 1e-5 times the largest entry."""
    x = np.asarray(x, dtype=float)
    for point in (x, 1.25 * x):
        analytic = np.asarray(grad_f(point.copy()))
        if analytic.shape != point.shape:
            return False
        if not relative_error(analytic, numerical_gradient(f, point, 1e-5)) < 1e-6:
            return False
    return True


@mistake("gradient_check")
def let_shapes_broadcast(f, grad_f, x):
    """You do not compare shapes. NumPy then stretches a single number to any shape, and it passes."""
    x = np.asarray(x, dtype=float)
    for point in (x, 1.25 * x):
        numeric = numerical_gradient(f, point, 1e-5 * np.max(np.abs(point)))
        if not relative_error(grad_f(point.copy()), numeric) < 1e-6:
            return False
    return True


@mistake("gradient_check")
def flattened_both(f, grad_f, x):
    """You flatten both gradients, so that a wrong shape passes. Compare the shapes first."""
    x = np.asarray(x, dtype=float)
    for point in (x, 1.25 * x):
        numeric = numerical_gradient(f, point, 1e-5 * np.max(np.abs(point)))
        if not relative_error(np.ravel(grad_f(point.copy())), np.ravel(numeric)) < 1e-6:
            return False
    return True


@mistake("gradient_check")
def looked_at_one_coordinate(f, grad_f, x):
    """You compare the first entry only. A gradient can be wrong in any entry."""
    x = np.asarray(x, dtype=float)
    for point in (x, 1.25 * x):
        analytic = np.asarray(grad_f(point.copy()))
        if analytic.shape != point.shape:
            return False
        numeric = numerical_gradient(f, point, 1e-5 * np.max(np.abs(point)))
        if not relative_error(analytic.flat[0], numeric.flat[0]) < 1e-6:
            return False
    return True


@mistake("gradient_check")
def looked_at_one_point(f, grad_f, x):
    """You check at x only. A gradient that ignores its argument passes there: check at 1.25x too."""
    x = np.asarray(x, dtype=float)
    analytic = np.asarray(grad_f(x.copy()))
    if analytic.shape != x.shape:
        return False
    return bool(relative_error(analytic, numerical_gradient(f, x, 1e-5 * np.max(np.abs(x)))) < 1e-6)


@mistake("gradient_check")
def was_too_generous(f, grad_f, x):
    """Your tolerance is too large: a gradient that is off by a thousandth passes. Use 1e-6."""
    x = np.asarray(x, dtype=float)
    for point in (x, 1.25 * x):
        analytic = np.asarray(grad_f(point.copy()))
        if analytic.shape != point.shape:
            return False
        numeric = numerical_gradient(f, point, 1e-5 * np.max(np.abs(point)))
        if not relative_error(analytic, numeric) < 5e-3:
            return False
    return True


@mistake("gradient_check")
def asked_for_equality(f, grad_f, x):
    """No gradient passes. A numerical derivative is never exact: allow a relative error of 1e-6."""
    x = np.asarray(x, dtype=float)
    return np.array_equal(grad_f(x), numerical_gradient(f, x, 1e-5 * np.max(np.abs(x))))


@mistake("gradient_check")
def returned_a_pair(f, grad_f, x):
    """You return two things, the verdict and the error. Here only the verdict is asked for."""
    x = np.asarray(x, dtype=float)
    error = relative_error(grad_f(x), numerical_gradient(f, x, 1e-5 * np.max(np.abs(x))))
    return error < 1e-6, error


@mistake("gradient_check")
def returned_the_error(f, grad_f, x):
    """You return the error. Return the verdict: is the error below 1e-6?"""
    x = np.asarray(x, dtype=float)
    return relative_error(grad_f(x), numerical_gradient(f, x, 1e-5 * np.max(np.abs(x))))


@mistake("gradient_check")
def turned_the_verdict_around(f, grad_f, x):
    """Your verdict is the wrong way round: True must mean that the gradient is right."""
    x = np.asarray(x, dtype=float)
    for point in (x, 1.25 * x):
        analytic = np.asarray(grad_f(point.copy()))
        if analytic.shape != point.shape:
            return True
        numeric = numerical_gradient(f, point, 1e-5 * np.max(np.abs(point)))
        if not relative_error(analytic, numeric) < 1e-6:
            return True
    return False


@mistake("gradient_check")
def let_nan_pass(f, grad_f, x):
    """nan passes your check: `nan > 1e-6` is False. Ask whether the error is small instead."""
    x = np.asarray(x, dtype=float)
    for point in (x, 1.25 * x):
        analytic = np.asarray(grad_f(point.copy()))
        if analytic.shape != point.shape:
            return False
        numeric = numerical_gradient(f, point, 1e-5 * np.max(np.abs(point)))
        if relative_error(analytic, numeric) > 1e-6:
            return False
    return True


@mistake("gradient_check")
def forgot_the_sign_of_the_error(f, grad_f, x):
    """abs is missing: a gradient that is too small gives a negative error, which passes."""
    x = np.asarray(x, dtype=float)
    for point in (x, 1.25 * x):
        analytic = np.asarray(grad_f(point.copy()))
        if analytic.shape != point.shape:
            return False
        numeric = numerical_gradient(f, point, 1e-5 * np.max(np.abs(point)))
        if not np.max(analytic - numeric) / np.max(np.abs(numeric)) < 1e-6:
            return False
    return True


@mistake("gradient_check")
def compared_sizes_only(f, grad_f, x):
    """You compare absolute values: a wrong sign passes. Subtract first, then take abs."""
    x = np.asarray(x, dtype=float)
    for point in (x, 1.25 * x):
        analytic = np.asarray(grad_f(point.copy()))
        if analytic.shape != point.shape:
            return False
        numeric = numerical_gradient(f, point, 1e-5 * np.max(np.abs(point)))
        if not relative_error(np.abs(analytic), np.abs(numeric)) < 1e-6:
            return False
    return True


@mistake("gradient_check")
def compared_directions_only(f, grad_f, x):
    """You compare directions, so that half a gradient passes. The length counts too."""
    x = np.asarray(x, dtype=float)
    for point in (x, 1.25 * x):
        analytic = np.asarray(grad_f(point.copy()))
        if analytic.shape != point.shape:
            return False
        numeric = numerical_gradient(f, point, 1e-5 * np.max(np.abs(point)))
        lengths = np.sqrt(np.sum(analytic**2)) * np.sqrt(np.sum(numeric**2))
        if not np.sum(analytic * numeric) / lengths > 1 - 1e-9:
            return False
    return True


@mistake("gradient_check")
def compared_sums(f, grad_f, x):
    """You compare sums of entries. Two gradients can have the same sum and differ in every entry."""
    x = np.asarray(x, dtype=float)
    for point in (x, 1.25 * x):
        analytic = np.asarray(grad_f(point.copy()))
        if analytic.shape != point.shape:
            return False
        numeric = numerical_gradient(f, point, 1e-5 * np.max(np.abs(point)))
        if not relative_error(np.sum(analytic), np.sum(numeric)) < 1e-6:
            return False
    return True


@mistake("gradient_check")
def enlarged_in_place(f, grad_f, x):
    """`*= 1.25` cannot put fractions into an array of whole numbers. Write `1.25 * x`, a new array."""
    for factor in (1, 1.25):
        point = x.copy()
        point *= factor
        analytic = np.asarray(grad_f(point.copy()))
        if analytic.shape != point.shape:
            return False
        numeric = numerical_gradient(f, point, 1e-5 * np.max(np.abs(point)))
        if not relative_error(analytic, numeric) < 1e-6:
            return False
    return True


@mistake("gradient_check")
def forgot_the_sign_in_the_step(f, grad_f, x):
    """In the step, abs is missing: of negative numbers and a zero the largest is 0, and so is your h."""
    x = np.asarray(x, dtype=float)
    for point in (x, 1.25 * x):
        analytic = np.asarray(grad_f(point.copy()))
        if analytic.shape != point.shape:
            return False
        numeric = numerical_gradient(f, point, 1e-5 * np.max(point))
        if not relative_error(analytic, numeric) < 1e-6:
            return False
    return True


@mistake("gradient_check")
def added_up_the_step(f, grad_f, x):
    """Your step adds up all entries, and is too long where there are many. Take the largest entry alone."""
    x = np.asarray(x, dtype=float)
    for point in (x, 1.25 * x):
        analytic = np.asarray(grad_f(point.copy()))
        if analytic.shape != point.shape:
            return False
        numeric = numerical_gradient(f, point, 1e-5 * np.sum(np.abs(point)))
        if not relative_error(analytic, numeric) < 1e-6:
            return False
    return True


@mistake("gradient_check")
def moved_by_a_fixed_amount(f, grad_f, x):
    """Your second point is x + 0.25. Where x is very large, that is no other point: take 1.25x."""
    x = np.asarray(x, dtype=float)
    for point in (x, x + 0.25):
        analytic = np.asarray(grad_f(point.copy()))
        if analytic.shape != point.shape:
            return False
        numeric = numerical_gradient(f, point, 1e-5 * np.max(np.abs(point)))
        if not relative_error(analytic, numeric) < 1e-6:
            return False
    return True


# ---------------------------------------------------------------- wrong complex steps


@mistake("complex_step_derivative")
def left_the_step_in(f, x):
    """The imaginary part is h times the derivative. Divide it by h."""
    h = 1e-20
    return np.imag(f(x + 1j * h))


@mistake("complex_step_derivative")
def took_the_real_part(f, x):
    """The real part is f(x), up to rounding. The derivative is in the imaginary part."""
    h = 1e-20
    return np.real(f(x + 1j * h)) / h


@mistake("complex_step_derivative")
def took_the_absolute_value(f, x):
    """abs mixes the real part in. The derivative is in the imaginary part alone."""
    h = 1e-20
    return np.abs(f(x + 1j * h)) / h


@mistake("complex_step_derivative")
def returned_both_parts(f, x):
    """You return a complex number. Keep its imaginary part only, with np.imag."""
    h = 1e-20
    return f(x + 1j * h) / h


@mistake("complex_step_derivative")
def stepped_along_the_real_line(f, x):
    """Your step is real, so that nothing imaginary comes out. Step by 1j * h."""
    h = 1e-20
    return np.imag(f(x + h)) / h


@mistake("complex_step_derivative")
def stepped_downwards(f, x):
    """Your sign is wrong. Step upwards, to x + ih."""
    h = 1e-20
    return np.imag(f(x - 1j * h)) / h


@mistake("complex_step_derivative")
def took_too_long_a_step(f, x):
    """Your step is so long that it shows in the answer. Nothing is subtracted here, so take h = 1e-20."""
    h = 1e-2
    return np.imag(f(x + 1j * h)) / h


@mistake("complex_step_derivative")
def let_the_step_vanish(f, x):
    """Your step is so small that the computer rounds it to 0, and you divide by 0. 1e-20 is small enough."""
    h = np.float64(1e-200) ** 2
    return np.imag(f(x + 1j * h)) / h


@mistake("complex_step_derivative")
def divided_by_two_steps(f, x):
    """You divide by 2h, as for the central difference. Here is only one step: divide by h."""
    h = 1e-20
    return np.imag(f(x + 1j * h)) / (2 * h)


@mistake("complex_step_derivative")
def multiplied_by_the_step(f, x):
    """You multiply by h. Divide by it."""
    h = 1e-20
    return np.imag(f(x + 1j * h)) * h


@mistake("complex_step_derivative")
def took_a_central_difference(f, x):
    """This is a central difference: it loses digits where f is large. Step by 1j * h, subtract nothing."""
    h = 1e-5
    return (f(x + h) - f(x - h)) / (2 * h)


@mistake("complex_step_derivative")
def took_a_forward_difference(f, x):
    """This is a forward difference: it keeps about 8 digits. Step by 1j * h, subtract nothing."""
    h = 1e-8
    return (f(x + h) - f(x)) / h


@mistake("complex_step_derivative")
def added_the_derivatives(f, x):
    """You add the derivatives up. f works entry by entry: return one derivative for each entry of x."""
    h = 1e-20
    return np.sum(np.imag(f(x + 1j * h))) / h


@mistake("complex_step_derivative")
def subtracted_f_as_well(f, x):
    """The derivative is right, but you call f twice. f(x) is real, so that subtracting it changes nothing."""
    h = 1e-20
    return np.imag(f(x + 1j * h) - f(x)) / h


@mistake("complex_step_derivative")
def asked_for_an_array(f, x):
    """A single number has no `.astype`. Add 1j * h to x as it is: that makes it complex."""
    h = 1e-20
    return np.imag(f(x.astype(complex) + 1j * h)) / h


@mistake("complex_step_derivative")
def filled_a_vector(f, x):
    """Of a matrix, values[i] is a whole row, and no number. Without a loop, NumPy divides every entry."""
    h = 1e-20
    values = np.imag(f(x + 1j * h))
    if np.ndim(x) == 0:
        return values / h
    derivative = np.zeros(len(x))
    for i in range(len(x)):
        derivative[i] = values[i] / h
    return derivative


@mistake("complex_step_derivative")
def cut_off_the_small_step(f, x):
    """np.full_like(x, 1e-20) of whole numbers is full of zeros: the step is cut off. Use the number 1e-20."""
    h = np.full_like(x, 1e-20)
    return np.imag(f(x + 1j * h)) / h


@mistake("complex_step_derivative")
def kept_the_long_step(f, x):
    """A step of 1e-5 is for differences, and too long for very small x. Nothing cancels here: take 1e-20."""
    h = 1e-5
    return np.imag(f(x + 1j * h)) / h


# ---------------------------------------------------------------- right answers


@variant("numerical_gradient")
def by_copies(f, x, h):
    grad = np.zeros(np.shape(x))
    for i in np.ndindex(grad.shape):
        ahead, behind = np.array(x, dtype=float), np.array(x, dtype=float)
        ahead[i] += h
        behind[i] -= h
        grad[i] = (f(ahead) - f(behind)) / (ahead[i] - behind[i])
    return grad


@variant("numerical_gradient")
def by_rows_of_the_identity(f, x, h):
    x = np.asarray(x, dtype=float)
    steps = h * np.eye(x.size).reshape(-1, *x.shape)
    return np.array([f(x + step) - f(x - step) for step in steps]).reshape(x.shape) / (2 * h)


@variant("numerical_gradient")
def by_moving_and_putting_back(f, x, h):
    x = x.astype(float)
    grad = np.zeros_like(x)
    for i, old in np.ndenumerate(x.copy()):
        x[i] = old + h
        grad[i] = f(x)
        x[i] = old - h
        grad[i] -= f(x)
        x[i] = old
    return grad / (2 * h)


@variant("numerical_gradient")
def by_flat_indices(f, x, h):
    flat = np.ravel(x).astype(float)
    grad = []
    for i in range(flat.size):
        values = []
        for side in (h, -h):
            moved = flat.copy()
            moved[i] += side
            values.append(f(moved.reshape(np.shape(x))))
        grad.append((values[0] - values[1]) / h / 2)
    return np.reshape(grad, np.shape(x))


@variant("relative_error")
def by_infinity_norms(a, b):
    a, b = np.ravel(a).astype(float), np.ravel(b).astype(float)
    difference = np.linalg.norm(a - b, np.inf)
    return difference / max(np.linalg.norm(a, np.inf), np.linalg.norm(b, np.inf)) if difference else 0


@variant("relative_error")
def by_a_loop(a, b):
    error = largest = 0.0
    for p, q in zip(np.ravel(a), np.ravel(b), strict=True):
        error = max(error, abs(float(p) - float(q)))
        largest = max(largest, abs(float(p)), abs(float(q)))
    return error / largest if largest > 0 else 0.0


@variant("relative_error")
def by_stacking(a, b):
    if not np.any(a) and not np.any(b):
        return 0.0
    return np.abs(a - b).max() / np.abs(np.stack([a, b])).max()


@variant("gradient_check")
def by_a_list_of_verdicts(f, grad_f, x):
    verdicts = []
    for factor in (1.0, 1.25):
        point = factor * np.array(x, dtype=float)
        given, h = np.array(grad_f(point)), 1e-5 * np.abs(point).max()
        same_shape = given.shape == point.shape
        verdicts.append(same_shape and relative_error(given, numerical_gradient(f, point, h)) < 1e-6)
    return all(verdicts)


@variant("gradient_check")
def by_bounds(f, grad_f, x):
    right = True
    for point in (1.25 * x, 1.0 * x):
        given = grad_f(point)
        numeric = numerical_gradient(f, point, 1e-5 * np.max(np.abs(point)))
        if np.shape(given) != np.shape(x):
            right = False
        else:
            largest = max(np.abs(given).max(), np.abs(numeric).max())
            right = right and np.all(np.abs(given - numeric) < 1e-6 * largest)
    return np.bool_(right)


@variant("complex_step_derivative")
def with_the_attribute(f, x):
    step = 1e-30
    return f(x + step * 1j).imag / step


@variant("complex_step_derivative")
def with_complex(f, x):
    x = np.asarray(x)
    value = f(x + complex(0, 1e-20))
    return np.asarray(value).imag * 1e20


@variant("complex_step_derivative")
def with_an_array_of_steps(f, x):
    z = np.array(x, dtype=complex)
    z += 1j * 2.0**-70
    return np.imag(f(z)) * 2.0**70
