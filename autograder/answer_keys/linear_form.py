"""f(x) = cᵀx = Σ cᵢxᵢ, with gradient ∇f = c (the chapter's second exercise)."""

import numpy as np

from autograder.problem_sets.derivation_key import DerivationTask, differentiated, gradient_by
from autograder.problem_sets.key import Check, Question, Term, mistake, shortcut, variant, wrong

points = 10
points_by_hand = 2.5


def linear_form(x, c):
    return float(np.asarray(c, dtype=float) @ np.asarray(x, dtype=float))


def linear_form_gradient(x, c):
    return np.array(c, dtype=float)


loss = linear_form
gradient = linear_form_gradient


def _signs(rng, n):
    """Signs of both kinds, whichever is more frequent."""
    return rng.choice([-1, 1]) * rng.permutation(np.resize([1, -1], n))


def _entries(rng, n):
    return rng.uniform(0.5, 3.0, n) * _signs(rng, n)


def _clear(x, c):
    """Whether the products have both signs and do not cancel.

    A sum near 0 is all rounding in single precision.
    """
    products = c * x
    return 0.2 < abs(products.sum()) / abs(products).sum() < 0.95


def _pair(rng, n, scale):
    while True:
        x, c = _entries(rng, n), _entries(rng, n)
        if _clear(x, c):
            return {"x": scale * x, "c": scale * c}


def instances(rng, scale=1.0):
    """Pairs of 3, 5 and 8 numbers: never 1, 2 or 4, where a mean looks like a factor."""
    return [_pair(rng, n, scale) for n in (3, 5, 8)]


def _far(rng):
    return instances(rng, 1e6)[:2] + instances(rng, 1e-6)[:2]


def _whole(rng):
    """Whole numbers in x alone, then in both: what is stored in an array made like x loses its fraction.

    Two of the products are the same number, and both count.
    """

    def whole(n):
        return rng.integers(1, 8, n) * _signs(rng, n)

    while True:
        x, c = whole(5), _entries(rng, 5)
        y, d = whole(3), whole(3)
        y[1], d[1] = d[0], y[0]
        lost = abs(np.sum(c * x - np.trunc(c * x)))
        if _clear(x, c) and _clear(y, d) and lost > 0.2:
            return [{"x": x, "c": c}, {"x": y, "c": d}]


def _zeros(rng):
    """Zeros in x and, elsewhere, in c; and x = 0."""
    while True:
        x, c = _entries(rng, 5), _entries(rng, 5)
        in_x, other, in_c, *_ = rng.permutation(5)
        x[[in_x, other]], c[in_c] = 0.0, 0.0
        if _clear(x, c):
            return [{"x": x, "c": c}, {"x": np.zeros(3), "c": _entries(rng, 3)}]


questions = (
    Question(
        linear_form,
        (
            Check("ordinary vectors", "vectors of 3, 5 and 8 numbers", 3, instances),
            Check("whole numbers", "whole numbers in x, with and without fractions in c", 1, _whole),
            Check(
                "very large and very small", "numbers near a million and a millionth", 1, _far, scales=True
            ),
            Check("zeros", "vectors with zeros among the entries, and x = 0", 1, _zeros),
        ),
    ),
    Question(
        linear_form_gradient,
        (
            Check("ordinary vectors", "vectors of 3, 5 and 8 numbers", 5, instances, harness=True),
            Check("whole numbers", "whole numbers in x, with and without fractions in c", 1, _whole),
            Check(
                "very large and very small", "numbers near a million and a millionth", 1, _far, scales=True
            ),
            Check("zeros", "vectors with zeros among the entries, and x = 0", 1, _zeros),
        ),
        differentiates=linear_form,
    ),
)

terms = {
    "linear_form": (
        Term("cᵀx", lambda x, c: linear_form(x, c)),
        Term("Σxᵢ", lambda x, c: np.sum(x)),
    ),
    "linear_form_gradient": (
        Term("c", lambda x, c: np.asarray(c, dtype=float)),
        Term("x", lambda x, c: np.asarray(x, dtype=float)),
        Term("1", lambda x, c: np.ones(np.shape(x))),
    ),
}

equivalent = {
    ("linear_form", "return float(np.asarray(x, dtype=float) @ np.asarray(c, dtype=float))"): "cᵀx = xᵀc",
}


# ---------------------------------------------------------------- wrong answers


@mistake("linear_form")
def returned_the_products(x, c):
    """You returned the list of products cᵢxᵢ. Add them up: f(x) is one number."""
    return np.asarray(c) * np.asarray(x)


@mistake("linear_form")
def averaged_the_products(x, c):
    """You averaged the products. cᵀx is their sum, without 1/n."""
    return np.mean(np.asarray(c) * np.asarray(x))


@mistake("linear_form")
def made_the_outer_product(x, c):
    """You built the n×n table of all cᵢxⱼ. cᵀx pairs equal indices only and adds them."""
    return np.outer(c, x)


@mistake("linear_form")
def summed_the_outer_product(x, c):
    """You multiplied the sum of c by the sum of x. Multiply entry by entry first, then add."""
    return np.sum(c) * np.sum(x)


@mistake("linear_form")
def kept_a_matrix_of_one_number(x, c):
    """You returned a 1×1 matrix. Multiply the flat vectors, c @ x, and you get a plain number."""
    return np.reshape(c, (1, -1)) @ np.reshape(x, (-1, 1))


@mistake("linear_form")
def forgot_the_coefficients(x, c):
    """You added up the entries of x. Each one is multiplied by its coefficient cᵢ first."""
    return np.sum(x)


@mistake("linear_form")
def added_instead_of_multiplied(x, c):
    """You added cᵢ and xᵢ. They are multiplied: cᵢ times xᵢ."""
    return np.sum(np.asarray(c) + np.asarray(x))


@mistake("linear_form")
def added_absolute_values(x, c):
    """You added |cᵢxᵢ|. The products keep their signs."""
    return np.sum(np.abs(np.asarray(c) * np.asarray(x)))


squared_the_form = wrong(
    "linear_form", "np.dot(c, x) ** 2", "You computed (cᵀx)². A linear form has no square."
)


@mistake("linear_form", shows="loop")
def left_out_the_last_entry(x, c):
    """The last product is missing from the sum. A loop over range(len(x) - 1) stops too early."""
    total = 0.0
    for i in range(len(x) - 1):
        total += c[i] * x[i]
    return total


@mistake("linear_form", shows="return in a loop")
def returned_inside_the_loop(x, c):
    """You return inside the loop, so only the first product is counted. Move return below the loop."""
    total = 0.0
    for i in range(len(x)):
        total += c[i] * x[i]
        return total


@mistake("linear_form", shows="norm() | sqrt()")
def went_through_the_angle(x, c):
    """You divide by the lengths to find an angle, and that fails when x = 0. The sum needs no angle."""
    lengths = np.linalg.norm(c) * np.linalg.norm(x)
    angle = np.arccos(np.dot(c, x) / lengths)
    return lengths * np.cos(angle)


@mistake("linear_form", shows="made like")
def stored_products_as_whole_numbers(x, c):
    """With whole numbers in x, an array made like x cuts off fractions. Use np.zeros(len(x)) instead."""
    products = np.zeros_like(x)
    for i in range(len(x)):
        products[i] = c[i] * x[i]
    return np.sum(products)


@mistake("linear_form", shows="rounds")
def rounded_the_answer(x, c):
    """You rounded the answer, so small values are lost. Return the number as it is."""
    return round(float(np.dot(c, x)), 8)


@mistake("linear_form", shows="*=")
def multiplied_in_place(x, c):
    """x *= c changes x itself. Write x * c, which makes a new array."""
    x *= c
    return np.sum(x)


@mistake("linear_form")
def added_five_products(x, c):
    """Only the first five products are added. Do not write a length in: c @ x takes them all."""
    return float(np.asarray(c, dtype=float)[:5] @ np.asarray(x, dtype=float)[:5])


@mistake("linear_form_gradient")
def differentiated_by_c(x, c):
    """You returned x, the derivative with respect to c. Here x moves and c stays fixed."""
    return np.array(x, dtype=float)


@mistake("linear_form_gradient", shows="not loop")
def took_constants_for_zero(x, c):
    """You returned zeros. A constant on its own has derivative 0, but here it multiplies xᵢ."""
    return np.zeros(len(x))


@mistake("linear_form_gradient")
def returned_ones(x, c):
    """You returned ones. The derivative of cᵢxᵢ keeps the coefficient: it is cᵢ."""
    return np.ones(len(x))


@mistake("linear_form_gradient")
def returned_the_value(x, c):
    """You returned f(x) itself. The gradient has one rate of change for each entry of x."""
    return np.dot(c, x)


@mistake("linear_form_gradient")
def forgot_to_differentiate(x, c):
    """You returned the terms cᵢxᵢ. Differentiating cᵢxᵢ by xᵢ leaves cᵢ."""
    return np.asarray(c, dtype=float) * np.asarray(x, dtype=float)


@mistake("linear_form_gradient")
def doubled_by_habit(x, c):
    """You have 2c. The factor 2 comes from a square, and there is no square here."""
    return 2 * np.asarray(c, dtype=float)


@mistake("linear_form_gradient")
def used_the_quadratic_rule(x, c):
    """You have 2cᵢxᵢ, the derivative of cᵢxᵢ². Here xᵢ stands in the first power."""
    return 2 * np.asarray(c, dtype=float) * np.asarray(x, dtype=float)


@mistake("linear_form_gradient")
def moved_both_arguments(x, c):
    """You added the derivatives with respect to x and to c. Only x moves; c is held fixed."""
    return np.asarray(c, dtype=float) + np.asarray(x, dtype=float)


@mistake("linear_form_gradient")
def added_the_coordinates(x, c):
    """You added the partial derivatives up. A gradient keeps one number for each entry of x."""
    return np.sum(c)


@mistake("linear_form_gradient")
def same_number_everywhere(x, c):
    """Every entry is the same number, Σcᵢ. Entry i of the gradient is cᵢ alone."""
    return np.full(len(x), np.sum(c), dtype=float)


@mistake("linear_form_gradient")
def pointed_downhill(x, c):
    """You have −c. The gradient points uphill: its sign is plus."""
    return -np.asarray(c, dtype=float)


@mistake("linear_form_gradient")
def differentiated_the_mean(x, c):
    """You have c/n, the gradient of the mean of the products. cᵀx is a sum: no 1/n."""
    return np.asarray(c, dtype=float) / len(x)


@mistake("linear_form_gradient")
def made_it_a_unit_vector(x, c):
    """You divided by ‖c‖. A gradient is not a unit vector: its length says how steep f is."""
    return np.asarray(c, dtype=float) / np.linalg.norm(c)


@mistake("linear_form_gradient")
def dropped_the_signs(x, c):
    """You have |cᵢ|. Where cᵢ is negative, f falls as xᵢ grows: keep the sign."""
    return np.abs(np.asarray(c, dtype=float))


@mistake("linear_form_gradient")
def turned_into_a_column(x, c):
    """You returned a column of shape (n, 1). x has shape (n,), and so has its gradient."""
    return np.asarray(c, dtype=float)[:, None]


@mistake("linear_form_gradient")
def turned_into_a_row(x, c):
    """You returned a row of shape (1, n). In this course a gradient has the shape of x: (n,)."""
    return np.asarray(c, dtype=float)[None, :]


@mistake("linear_form_gradient")
def made_a_diagonal_matrix(x, c):
    """You returned an n×n matrix, the Jacobian of the list cᵢxᵢ. The gradient of their sum is a vector."""
    return np.diag(np.asarray(c, dtype=float))


@mistake("linear_form_gradient", shows="loop")
def missed_the_last_entry(x, c):
    """The last entry is 0. A loop over range(len(x) - 1) stops one entry too early."""
    grad = np.zeros(len(x))
    for i in range(len(x) - 1):
        grad[i] = c[i]
    return grad


@mistake("linear_form_gradient", shows="/")
def divided_by_the_entries(x, c):
    """You divide by xᵢ, which fails where xᵢ = 0. The derivative of cᵢxᵢ needs no division."""
    x = np.asarray(x, dtype=float)
    return c * x / x


@mistake("linear_form_gradient", shows="made like")
def stored_as_whole_numbers(x, c):
    """With whole numbers in x, an array made like x cuts off the fractions of c. Use np.zeros(len(x))."""
    grad = np.zeros_like(x)
    for i in range(len(x)):
        grad[i] = c[i]
    return grad


@mistake("linear_form_gradient")
def wrote_into_x(x, c):
    """You wrote the answer into x. Make a new array and leave x as it is."""
    x[:] = c
    return x


@mistake("linear_form_gradient")
def stepped_with_a_fixed_step(x, c):
    """This is a difference quotient, and rounding spoils it for large x. Return the formula."""
    x = np.asarray(x, dtype=float)
    h = 1e-6
    return np.array([(np.dot(c, x + h * e) - np.dot(c, x)) / h for e in np.eye(len(x))])


@mistake("linear_form_gradient", shows="loop")
def stepped_on_whole_numbers(x, c):
    """With whole numbers your step is cut off to 0. Return the formula; it takes no step at all."""
    grad = np.zeros(len(x))
    for i in range(len(x)):
        ahead, behind = np.array(x), np.array(x)
        step = 1e-3 * max(1.0, abs(x[i]))
        ahead[i] += step
        behind[i] -= step
        grad[i] = (np.dot(c, ahead) - np.dot(c, behind)) / (2 * step)
    return grad


@mistake("linear_form_gradient")
def kept_five_entries_of_c(x, c):
    """Your gradient has five entries at most. It has one for each entry of x: all of c."""
    return np.array(c, dtype=float)[:5]


@shortcut("linear_form_gradient")
def stepped_to_both_sides(x, c):
    h = 1e-5 * max(np.max(np.abs(x)), 1e-6)
    grad = np.zeros(x.shape)
    for i in np.ndindex(x.shape):
        step = np.zeros(x.shape)
        step[i] = h
        grad[i] = (linear_form(x + step, c) - linear_form(x - step, c)) / (2 * h)
    return grad


# ---------------------------------------------------------------- right answers


@variant("linear_form")
def summed_in_a_loop(x, c):
    total = 0.0
    for i in range(len(x)):
        total += c[i] * x[i]
    return total


@variant("linear_form")
def with_einsum(x, c):
    return np.einsum("i,i->", c, x)


@variant("linear_form")
def summed_products(x, c):
    return np.sum(np.multiply(c, x))


@variant("linear_form")
def paired_in_python(x, c):
    return sum(float(coefficient) * float(entry) for coefficient, entry in zip(c, x, strict=True))


@variant("linear_form")
def in_single_precision(x, c):
    return np.asarray(c, dtype=np.float32) @ np.asarray(x, dtype=np.float32)


@variant("linear_form")
def as_a_matrix_product(x, c):
    return (np.reshape(c, (1, -1)) @ np.reshape(x, (-1, 1))).item()


@variant("linear_form_gradient")
def the_argument_itself(x, c):
    return c


@variant("linear_form_gradient")
def a_copy(x, c):
    return c.copy()


@variant("linear_form_gradient")
def as_a_list(x, c):
    return [float(coefficient) for coefficient in c]


@variant("linear_form_gradient")
def entry_by_entry(x, c):
    grad = np.zeros(len(x))
    for i in range(len(x)):
        grad[i] = c[i]
    return grad


@variant("linear_form_gradient")
def times_ones(x, c):
    return c * np.ones(len(x))


@variant("linear_form_gradient")
def through_the_unit_vectors(x, c):
    return np.array([linear_form(e, c) for e in np.eye(len(x))])


@variant("linear_form_gradient")
def gradient_in_single_precision(x, c):
    return np.asarray(c, dtype=np.float32)


# ---------------------------------------------------------------- the derivation


derivations = (
    DerivationTask(
        name="derivation",
        loss="f(x) = cᵀ x",
        shapes={"x": ("n",), "c": ("n",)},
        waypoints=(
            differentiated(),
            gradient_by("x"),
        ),
        right={
            "by components": """
f(x) = Σ_j c_j x_j
∂f/∂x_i = Σ_j c_j ∂x_j/∂x_i
        = Σ_j c_j δ_ij
        = c_i
so ∇f(x) = c
""",
            "with no remainder": """
f(x) = cᵀ x
f(x + h) − f(x) = cᵀ(x + h) − cᵀx = cᵀh
∇f(x) = c
""",
            "with dots": """
f(x) = c_1 x_1 + c_2 x_2 + … + c_n x_n
∂f/∂x_i = c_i
∇f = c
""",
            "inner product": """
f(x) = ⟨c, x⟩
df = ⟨c, dx⟩
∇f(x) = c
""",
            "along a direction": """
f(x) = c · x
f(x + t v) = c · (x + t v) = c·x + t c·v
∇f(x) = c
""",
        },
        wrong={
            "x in place of c": """
f(x) = cᵀx
df = cᵀ dx
∇f(x) = x
""",
            "a row": """
f(x) = cᵀx
∂f/∂x_i = c_i
∇f(x) = cᵀ
""",
        },
    ),
)
