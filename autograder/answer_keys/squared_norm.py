"""f(x) = ‖x‖² = Σ xᵢ², with gradient ∇f = 2x (the chapter's first exercise)."""

import numpy as np

from autograder.problem_sets.derivation_key import DerivationTask, differentiated, gradient_by
from autograder.problem_sets.key import Check, Question, Term, mistake, shortcut, variant, wrong

points = 10
points_by_hand = 2.5


def squared_norm(x):
    x = np.asarray(x, dtype=float)
    return float(x @ x)


def squared_norm_gradient(x):
    return 2 * np.asarray(x, dtype=float)


loss = squared_norm
gradient = squared_norm_gradient


def _signs(rng, n):
    """Signs of both kinds, whichever is more frequent."""
    return rng.choice([-1, 1]) * rng.permutation(np.resize([1, -1], n))


def instances(rng, scale=1.0):
    """Vectors of 3, 5 and 8 numbers: never 1, 2 or 4, where a mean looks like a factor."""
    return [{"x": scale * rng.uniform(0.5, 3.0, n) * _signs(rng, n)} for n in (3, 5, 8)]


def _far(rng):
    return instances(rng, 1e6)[:2] + instances(rng, 1e-6)[:2]


def _whole(rng):
    """The squares add up to an odd number, and to an even one: no number is right for both."""
    odd, even = (_squares_add_up(rng, n, rest) for n, rest in ((5, 1), (3, 0)))
    return [{"x": odd}, {"x": even}]


def _squares_add_up(rng, n, rest):
    """Whole numbers whose squares leave this rest by 2, as the numbers do."""
    x = rng.integers(1, 9, n)
    x[0] += (np.sum(x) + rest) % 2
    return x * _signs(rng, n)


def _zeros(rng):
    """Two zeros, and a number after both: who stops at a zero is to miss one."""
    x = rng.uniform(0.5, 3.0, 5) * _signs(rng, 5)
    x[rng.choice(4, 2, replace=False)] = 0.0
    return [{"x": x}]


questions = (
    Question(
        squared_norm,
        (
            Check("ordinary vectors", "vectors of 3, 5 and 8 numbers", 2, instances),
            Check("whole numbers", "vectors of whole numbers", 1, _whole),
            Check(
                "very large and very small", "numbers near a million and a millionth", 1, _far, scales=True
            ),
            Check("zeros among the entries", "a vector in which some entries are 0", 1, _zeros),
        ),
    ),
    Question(
        squared_norm_gradient,
        (
            Check("ordinary vectors", "vectors of 3, 5 and 8 numbers", 2, instances, harness=True),
            Check("whole numbers", "vectors of whole numbers", 1, _whole),
            Check(
                "very large and very small", "numbers near a million and a millionth", 1, _far, scales=True
            ),
            Check("zeros among the entries", "a vector in which some entries are 0", 1, _zeros),
        ),
        differentiates=squared_norm,
    ),
)

terms = {
    "squared_norm": (Term("‖x‖²", lambda x: squared_norm(x)), Term("Σxᵢ", lambda x: np.sum(x))),
    "squared_norm_gradient": (Term("x", lambda x: x), Term("1", lambda x: np.ones(np.shape(x)))),
}

equivalent = {
    (
        "squared_norm",
        "without x = np.asarray(x, dtype=float)",
    ): "the tests hand over arrays, whose x @ x is the same",
}


# ---------------------------------------------------------------- wrong answers


@mistake("squared_norm")
def took_the_root(x):
    """You computed ‖x‖, the length. The square of the length has no root."""
    return np.sqrt(np.sum(np.asarray(x, dtype=float) ** 2))


took_the_mean = wrong(
    "squared_norm", "np.mean(np.asarray(x, dtype=float) ** 2)", "You averaged the squares. ‖x‖² is their sum."
)


@mistake("squared_norm")
def halved_the_sum(x):
    """You computed ½‖x‖². This exercise has no ½ in front."""
    return 0.5 * np.sum(np.asarray(x, dtype=float) ** 2)


squared_the_sum = wrong(
    "squared_norm", "np.sum(x) ** 2", "You squared the sum. Square each entry first, then add."
)
added_absolute_values = wrong("squared_norm", "np.sum(np.abs(x))", "You added |xᵢ|. Add xᵢ² instead.")


@mistake("squared_norm")
def returned_the_squares(x):
    """You returned the list of squares. Add them up: a loss is one number."""
    return np.asarray(x, dtype=float) ** 2


kept_the_largest_only = wrong(
    "squared_norm", "np.max(np.asarray(x, dtype=float) ** 2)", "You kept the largest square. Add all of them."
)


@mistake("squared_norm", shows="loop")
def left_out_the_last_entry(x):
    """The last entry is missing from the sum. A loop over range(len(x) - 1) stops too early."""
    total = 0.0
    for i in range(len(x) - 1):
        total += x[i] ** 2
    return total


@mistake("squared_norm")
def counted_five_entries(x):
    """Only the first five entries count. Do not write a length in: np.sum takes all of x."""
    return np.sum(np.asarray(x, dtype=float)[:5] ** 2)


@mistake("squared_norm", shows="/=")
def divided_in_place(x):
    """An array of whole numbers cannot be divided in place. Write scaled = x / largest: a new array."""
    largest = np.max(np.abs(x))
    scaled = x.copy()
    scaled /= largest
    return largest**2 * np.sum(scaled**2)


@mistake("squared_norm", shows="rounds")
def rounded_the_answer(x):
    """You rounded the answer, and a small one becomes 0. Round when you print, not before."""
    return round(float(np.sum(np.asarray(x, dtype=float) ** 2)), 9)


@mistake("squared_norm", shows="break")
def stopped_at_a_zero(x):
    """Your loop ends at the first 0. break leaves a loop, continue goes on with the next entry."""
    total = 0.0
    for entry in x:
        if entry == 0:
            break
        total += float(entry) ** 2
    return total


@mistake("squared_norm_gradient")
def forgot_the_factor_two(x):
    """The derivative of xᵢ² is 2xᵢ. The factor 2 is missing."""
    return np.array(x, dtype=float)


@mistake("squared_norm_gradient")
def pointed_downhill(x):
    """You have −2x. The gradient points uphill: its sign is plus."""
    return -2 * np.asarray(x, dtype=float)


@mistake("squared_norm_gradient")
def kept_the_square(x):
    """You returned xᵢ². Differentiating lowers the power by one: 2xᵢ."""
    return np.asarray(x, dtype=float) ** 2


@mistake("squared_norm_gradient")
def doubled_the_square(x):
    """You have 2xᵢ². Differentiating lowers the power by one: 2xᵢ."""
    return 2 * np.asarray(x, dtype=float) ** 2


@mistake("squared_norm_gradient")
def differentiated_the_length(x):
    """You differentiated ‖x‖, which gives x/‖x‖. Here the norm is squared, which gives 2x."""
    x = np.asarray(x, dtype=float)
    return x / np.sqrt(np.sum(x**2))


@mistake("squared_norm_gradient")
def differentiated_the_mean(x):
    """You have 2x/n, the gradient of the mean of squares. ‖x‖² is a sum: no 1/n."""
    return 2 * np.asarray(x, dtype=float) / len(x)


@mistake("squared_norm_gradient")
def added_the_coordinates(x):
    """You added the partial derivatives up. A gradient keeps one number for each entry of x."""
    return 2 * np.sum(x)


@mistake("squared_norm_gradient")
def same_number_everywhere(x):
    """Every entry is the same number, 2Σxᵢ. Entry i of the gradient is 2xᵢ."""
    x = np.asarray(x, dtype=float)
    return np.full(x.shape, 2 * np.sum(x))


@mistake("squared_norm_gradient")
def turned_into_a_column(x):
    """You returned a column of shape (n, 1). x has shape (n,), and so has its gradient."""
    return 2 * np.asarray(x, dtype=float)[:, None]


@mistake("squared_norm_gradient")
def dropped_the_sign(x):
    """You have 2|xᵢ|. The derivative of xᵢ² is 2xᵢ, and it is negative where xᵢ is."""
    return 2 * np.abs(np.asarray(x, dtype=float))


@mistake("squared_norm_gradient", shows="loop")
def missed_the_first_entry(x):
    """The first entry is 0. A loop that starts at 1 leaves out index 0."""
    grad = np.zeros(len(x))
    for i in range(1, len(x)):
        grad[i] = 2 * x[i]
    return grad


@mistake("squared_norm_gradient", shows="/=")
def divided_by_a_half_in_place(x):
    """`/=` cannot put fractions into an array of whole numbers. Write 2 * x, which makes a new array."""
    grad = x.copy()
    grad /= 0.5
    return grad


@mistake("squared_norm_gradient", shows="*=")
def doubled_in_place(x):
    """You changed x itself. Write 2 * x, which makes a new array, not x *= 2."""
    x *= 2
    return x


@mistake("squared_norm_gradient")
def one_sided_step_too_large(x):
    """This is a difference quotient with a large one-sided step: every entry is off by the step."""
    x = np.asarray(x, dtype=float)
    h = 1e-2
    return np.array([(np.sum((x + h * e) ** 2) - np.sum(x**2)) / h for e in np.eye(len(x))])


@mistake("squared_norm_gradient", shows="loop")
def stepped_on_whole_numbers(x):
    """With whole numbers the step is cut off to 0. Convert first: x = np.asarray(x, dtype=float)."""
    grad = np.zeros(len(x))
    for i in range(len(x)):
        ahead, behind = np.array(x), np.array(x)
        ahead[i] += 1e-6 * max(1.0, abs(x[i]))
        behind[i] -= 1e-6 * max(1.0, abs(x[i]))
        step = 2e-6 * max(1.0, abs(x[i]))
        grad[i] = (ahead @ ahead - behind @ behind) / step
    return grad


@mistake("squared_norm_gradient")
def kept_five_entries(x):
    """Your gradient has five entries at most. It has one for each entry of x, however many there are."""
    return 2 * np.asarray(x, dtype=float)[:5]


@mistake("squared_norm_gradient")
def differenced_with_a_fixed_step(x):
    """This is a difference quotient with one step for all x. Near a million it drowns in rounding."""
    x, h = np.asarray(x, dtype=float), 1e-5
    return np.array([(squared_norm(x + h * e) - squared_norm(x - h * e)) / (2 * h) for e in np.eye(len(x))])


@mistake("squared_norm_gradient", shows="/")
def divided_by_the_entries(x):
    """You divide by xᵢ, and 0/0 is nan. Cancel first: 2xᵢ²/xᵢ is 2xᵢ."""
    x = np.asarray(x, dtype=float)
    return 2 * x**2 / x


@shortcut("squared_norm_gradient")
def stepped_to_both_sides(x):
    h = 1e-5 * max(np.max(np.abs(x)), 1e-6)
    grad = np.zeros(x.shape)
    for i in np.ndindex(x.shape):
        step = np.zeros(x.shape)
        step[i] = h
        grad[i] = (squared_norm(x + step) - squared_norm(x - step)) / (2 * h)
    return grad


# ---------------------------------------------------------------- right answers


@variant("squared_norm")
def summed_in_a_loop(x):
    total = 0.0
    for entry in x:
        total += float(entry) ** 2
    return total


@variant("squared_norm")
def with_einsum(x):
    x = np.asarray(x, dtype=float)
    return np.einsum("i,i->", x, x)


@variant("squared_norm")
def from_the_norm(x):
    return np.linalg.norm(x) ** 2


@variant("squared_norm")
def in_single_precision(x):
    x = np.asarray(x, dtype=np.float32)
    return np.sum(x * x)


@variant("squared_norm_gradient")
def entry_by_entry(x):
    grad = np.zeros(len(x))
    for i in range(len(x)):
        grad[i] = 2 * x[i]
    return grad


@variant("squared_norm_gradient")
def as_a_list(x):
    return [2 * float(entry) for entry in x]


@variant("squared_norm_gradient")
def by_adding(x):
    return x + x


@variant("squared_norm_gradient")
def gradient_in_single_precision(x):
    return np.asarray(x, dtype=np.float32) * np.float32(2)


@variant("squared_norm_gradient")
def by_the_product_rule(x):
    x = np.asarray(x, dtype=float)
    return np.eye(len(x)) @ x + np.eye(len(x)).T @ x


# ---------------------------------------------------------------- the derivation


derivations = (
    DerivationTask(
        name="derivation",
        loss="f(x) = xᵀ x",
        shapes={"x": ("n",)},
        waypoints=(
            differentiated(),
            gradient_by("x"),
        ),
        right={
            "from the sum": """
f(x) = Σ_j x_j²
∂f/∂x_i = Σ_j ∂(x_j²)/∂x_i      # only j = i contains x_i
        = Σ_j 2 x_j δ_{ij}
        = 2 x_i
∇f(x) = 2 x
""",
            "with dots": """
f(x) = x_1^2 + x_2^2 + ... + x_n^2
     = ||x||^2
     = x'x
df/dx_i = 2 x_i
grad f = 2x
""",
            "by an increment": """
f(x) = ‖x‖²
f(x + h) = (x + h)ᵀ(x + h)
         = xᵀx + 2 xᵀh + hᵀh
f(x + h) − f(x) = 2xᵀh + ‖h‖²
                = 2 xᵀ h + o(h)
∇f(x) = 2x
""",
            "in LaTeX": r"""
f(x) = \lVert x \rVert_2^2 = x^\top x = \sum_{i=1}^{n} x_i^2
\frac{\partial f}{\partial x_i}
 = \frac{\partial}{\partial x_i} \sum_{j=1}^n x_j^2 = 2 x_i
\nabla f(x) = 2x.
""",
            "product rule of differentials (18.S096)": """
f(x) = x^T x
df = d(x^T) x + x^T dx
   = dx^T x + x^T dx
   = 2 x^T dx
∇f = 2 x
""",
            "f(x + dx) - f(x) (18.S096)": """
f(x) = x' x
df = f(x + dx) - f(x)
   = (x + dx)'(x + dx) - x'x
   = x'dx + dx'x + dx'dx       # the last is of second order
   = 2x' dx
grad f = 2x
""",
            "as a list of entries": r"""
f(x) = \sum_{i=1}^n x_i^2
\frac{\partial f}{\partial x_k} = \sum_{i=1}^n \frac{\partial x_i^2}{\partial x_k}
 = \sum_{i=1}^n 2 x_i \delta_{ik} = 2 x_k
\nabla f(x) = (2x_1, ..., 2x_n)^T = 2x
""",
            "with a remark": """
f(x) = ∥x∥²
d f = 2⟨x, dx⟩
∇ f = 2x   (by definition of the gradient)
""",
        },
        wrong={
            "half of the slope": """
f(x) = xᵀx
df = xᵀ dx
∇f(x) = x
""",
            "forgets a factor at the end": """
f(x) = Σ_j x_j²
∂f/∂x_i = 2 x_i
∇f(x) = x
""",
            "a sum is left": """
f(x) = xᵀx
∂f/∂x_i = Σ_j 2 x_j
∇f(x) = 2x
""",
        },
    ),
)
