"""Jacobians J[i, j] = ∂y_i/∂x_j: one row an output, one column an input.

y = Wx has J = W with respect to x, and I ⊗ xᵀ with respect to vec(W), W read row by row. An elementwise
function has a diagonal J, softmax diag(p) − ppᵀ. The gradient of xᵀAx is (A + Aᵀ)x. The transposed
table of a Jacobian is the other layout.
"""

import numpy as np

from autograder.problem_sets.derivation_key import DerivationTask, differentiated, gradient_by
from autograder.problem_sets.key import Check, Question, Term, mistake, shortcut, variant, wrong

points = 20
points_by_hand = 5


def linear_map_jacobian(x, W):
    return np.array(W, dtype=float)


def tanh_jacobian(u):
    return np.diag(1.0 - np.tanh(u) ** 2)


def softmax_jacobian(z):
    p = _softmax(z)
    return np.diag(p) - np.outer(p, p)


def weights_jacobian(W, x):
    return np.kron(np.eye(np.shape(W)[0]), x)


def quadratic_form_gradient(x, A):
    return (A + np.transpose(A)) @ x


def _softmax(z):
    e = np.exp(z - np.max(z))
    return e / e.sum()


def _tanh(u):
    return np.tanh(u)


def _linear_map(x, W):
    return W @ x


def _linear_map_of_weights(W, x):
    return W @ x


def quadratic_form(x, A):
    return float(x @ A @ x)


loss = quadratic_form
gradient = quadratic_form_gradient


def _instance(rng, m, n, k, scale=1.0):
    def away_from_zero(*shape):
        return rng.uniform(0.4, 1.6, shape) * rng.choice([-1, 1], shape)

    return {
        "x": scale * away_from_zero(n),
        "W": scale * away_from_zero(m, n),
        "u": away_from_zero(k),
        "z": away_from_zero(m),
        "A": away_from_zero(n, n),
    }


def instances(rng, scale=1.0):
    """Maps from n to m numbers with m and n different, and an A that is far from symmetric.

    u and z have no scale: tanh and softmax change where their argument is about 1 and nowhere else.
    """
    return [_instance(rng, *sizes, scale) for sizes in ((3, 5, 6), (5, 3, 7), (6, 7, 3))]


def _far(rng):
    return instances(rng, 1e6)[:2] + instances(rng, 1e-6)[:2]


def _whole(rng):
    """What is stored in an array made like one of whole numbers loses its fraction."""
    return [
        {
            "x": rng.integers(1, 6, 5) * rng.choice([-1, 1], 5),
            "W": rng.uniform(-4.0, 4.0, (3, 5)),
            "u": rng.permutation([*rng.integers(-4, 5, 3), 1, -2]),
            "z": rng.permutation([*rng.integers(-4, 5, 3), 1, 2]),
            "A": rng.uniform(-4.0, 4.0, (5, 5)),
        }
    ]


def _whole_weights(rng):
    return [{"W": rng.integers(-4, 5, (m, n)), "x": rng.uniform(-4.0, 4.0, n)} for m, n in ((3, 5), (5, 3))]


def _saturated(rng):
    """Entries where cosh overflows, beside small ones, and one where tanh is 1 but for rounding."""
    a, b, c, d = rng.uniform(0.3, 1.5, 4)
    e, f, g = rng.uniform(720.0, 900.0, 3)
    return [{"u": np.array([a, -e, b, f, -c])}, {"u": np.array([g, -d, rng.uniform(19.0, 25.0)])}]


def _apart(rng):
    """Here exp(z) overflows, or every exp(z) underflows; every entry is exact in float32 too."""
    high, low, small = rng.integers(3800, 4200, 3) / 4
    near = rng.choice(np.arange(1, 9), 5, replace=False) / 4
    return [
        {"z": np.array([high, high - near[0], -low, high - near[1], high - near[2]])},
        {"z": np.array([-small, -small - near[3], -small - near[4]])},
    ]


_ORDINARY = Check("ordinary inputs", "three inputs of different sizes", 3, instances, harness=True)
_FAR = Check("very large and very small", "numbers near a million and a millionth", 1, _far, scales=True)
_WHOLE = Check("whole numbers", "whole numbers in the vector", 1, _whole)

questions = (
    Question(linear_map_jacobian, (_ORDINARY, _WHOLE, _FAR), differentiates=_linear_map),
    Question(
        tanh_jacobian,
        (_ORDINARY, _WHOLE, Check("large entries", "entries of several hundred", 1, _saturated)),
        differentiates=_tanh,
    ),
    Question(
        softmax_jacobian,
        (_ORDINARY, _WHOLE, Check("large entries", "entries near a thousand", 1, _apart)),
        differentiates=_softmax,
    ),
    Question(
        weights_jacobian,
        (_ORDINARY, Check("whole numbers", "whole numbers in W only", 1, _whole_weights), _FAR),
        differentiates=_linear_map_of_weights,
    ),
    Question(quadratic_form_gradient, (_ORDINARY, _WHOLE, _FAR), differentiates=quadratic_form),
)

# A term in the other layout has the transposed shape, so no answer has both.
terms = {
    "linear_map_jacobian": (
        Term("W", lambda x, W: W),
        Term("Wᵀ", lambda x, W: W.T, where="the other layout"),
    ),
    "tanh_jacobian": (
        Term("I", lambda u: np.eye(len(u))),
        Term("diag(tanh²(u))", lambda u: np.diag(np.tanh(u) ** 2)),
    ),
    "softmax_jacobian": (
        Term("diag(p)", lambda z: np.diag(_softmax(z))),
        Term("ppᵀ", lambda z: np.outer(_softmax(z), _softmax(z))),
    ),
    "weights_jacobian": (
        Term("I ⊗ xᵀ", lambda W, x: np.kron(np.eye(len(W)), x)),
        Term("xᵀ ⊗ I", lambda W, x: np.kron(x, np.eye(len(W))), where="column order"),
        Term("I ⊗ x", lambda W, x: np.kron(np.eye(len(W)), x).T, where="the other layout"),
    ),
    "quadratic_form_gradient": (
        Term("Ax", lambda x, A: A @ x),
        Term("Aᵀx", lambda x, A: A.T @ x),
    ),
}

equivalent = {
    ("quadratic_form_gradient", "return x @ (A + np.transpose(A))"): "A + Aᵀ is symmetric",
}


# ---------------------------------------------------------------- wrong answers: y = Wx by x


@mistake("linear_map_jacobian")
def used_the_other_layout(x, W):
    """You have Wᵀ, the other layout. Here J[i, j] = ∂y_i/∂x_j: one row for each output."""
    return W.T


@mistake("linear_map_jacobian")
def evaluated_the_map(x, W):
    """You returned Wx, the value of the map. Its Jacobian is a table of slopes, m×n."""
    return W @ x


@mistake("linear_map_jacobian")
def kept_the_input_in_it(x, W):
    """You have W_ij x_j. The derivative of W_ij x_j by x_j is W_ij: x_j is gone."""
    return W * x


@mistake("linear_map_jacobian")
def returned_the_input(x, W):
    """You returned x. That is the derivative by a row of W; here x moves and W stays fixed."""
    return np.array(x)


@mistake("linear_map_jacobian")
def added_the_rows(x, W):
    """You added the rows of W up, which is the gradient of the sum of y. Keep one row an output."""
    return W.sum(axis=0)


added_the_columns = wrong(
    "linear_map_jacobian", "W.sum(axis=1)", "You added the columns of W up. Keep one column for each input."
)


@mistake("linear_map_jacobian", shows="flattens")
def reshaped_the_other_layout(x, W):
    """You reshaped Wᵀ to m×n. That scrambles the entries: transpose instead, or start with W."""
    return W.T.reshape(W.shape)


@mistake("linear_map_jacobian")
def flattened_the_jacobian(x, W):
    """You returned a flat vector. A Jacobian is a table with m rows and n columns."""
    return W.ravel()


changed_the_sign = wrong(
    "linear_map_jacobian", "-W", "The sign is wrong: the slope of W_ij x_j by x_j is +W_ij."
)
doubled_the_slope = wrong(
    "linear_map_jacobian", "2 * W", "You have a factor 2, as for a square. Wx is linear: its slope is W."
)


@mistake("linear_map_jacobian")
def took_the_identity(x, W):
    """You have the Jacobian of y = x. Each entry of x enters y_i with its weight W_ij."""
    return np.eye(*W.shape)


@mistake("linear_map_jacobian")
def multiplied_w_with_itself(x, W):
    """You have WᵀW, which belongs to ‖Wx‖². Here y = Wx itself is differentiated."""
    return W.T @ W


@mistake("linear_map_jacobian")
def multiplied_the_value_by_the_input(x, W):
    """You have yxᵀ, which has the right shape by chance. Differentiate y_i by x_j and look again."""
    return np.outer(W @ x, x)


@mistake("linear_map_jacobian", shows="made like")
def stored_like_the_input(x, W):
    """You stored the slopes in an array of x's kind. When x holds whole numbers, fractions are lost."""
    J = np.zeros(W.shape, dtype=x.dtype)
    J[:] = W
    return J


@mistake("linear_map_jacobian", shows="rounds")
def rounded_the_jacobian(x, W):
    """You rounded the entries, so small ones become 0. Return the numbers as they are."""
    return np.round(W, 11)


@mistake("linear_map_jacobian")
def kept_five_outputs(x, W):
    """Your Jacobian has five rows at most. It has a row for each output: all the rows of W."""
    return np.array(W, dtype=float)[:5]


@shortcut("linear_map_jacobian")
def stepped_in_x(x, W):
    h = 1e-5 * max(np.max(np.abs(x)), 1e-6)
    columns = []
    for i in np.ndindex(x.shape):
        step = np.zeros(x.shape)
        step[i] = h
        columns.append((W @ (x + step) - W @ (x - step)) / (2 * h))
    return np.stack(columns, axis=1)


# ---------------------------------------------------------------- wrong answers: tanh


@mistake("tanh_jacobian")
def returned_the_slopes_only(u):
    """You returned the n slopes. The Jacobian is n×n, with these slopes on the diagonal: np.diag."""
    return 1 - np.tanh(u) ** 2


@mistake("tanh_jacobian")
def put_the_value_on_the_diagonal(u):
    """You put tanh(u) on the diagonal. Its derivative, 1 − tanh²(u), belongs there."""
    return np.diag(np.tanh(u))


@mistake("tanh_jacobian")
def forgot_the_square_of_tanh(u):
    """You have 1 − tanh(u). The derivative is 1 − tanh²(u): square the tanh."""
    return np.diag(1 - np.tanh(u))


@mistake("tanh_jacobian")
def added_the_square(u):
    """You have 1 + tanh²(u). That is the rule for tan; for tanh the sign is minus."""
    return np.diag(1 + np.tanh(u) ** 2)


forgot_the_square_of_cosh = wrong(
    "tanh_jacobian", "np.diag(1 / np.cosh(u))", "You have 1/cosh(u). The derivative of tanh is 1/cosh²(u)."
)


@mistake("tanh_jacobian")
def differentiated_the_sigmoid(u):
    """You have s(1 − s), the slope of the sigmoid. The slope of tanh is 1 − tanh²(u)."""
    s = 1 / (1 + np.exp(-np.asarray(u, dtype=float)))
    return np.diag(s * (1 - s))


forgot_the_one = wrong(
    "tanh_jacobian", "np.diag(np.tanh(u) ** 2)", "You have tanh²(u) alone. Subtract it from 1."
)


@mistake("tanh_jacobian")
def multiplied_all_pairs_of_slopes(u):
    """You multiplied every slope with every other. y_i depends on u_i only: off the diagonal stands 0."""
    slopes = 1 - np.tanh(u) ** 2
    return np.outer(slopes, slopes)


@mistake("tanh_jacobian")
def filled_the_table(u):
    """You have 1 − y_i y_j everywhere. y_i depends on u_i only: off the diagonal stands 0."""
    return 1 - np.outer(np.tanh(u), np.tanh(u))


@mistake("tanh_jacobian", shows="eye() | identity()")
def subtracted_in_every_row(u):
    """np.eye(n) − tanh² subtracts in every row. Put the squares on the diagonal first: np.diag."""
    return np.eye(len(u)) - np.tanh(u) ** 2


@mistake("tanh_jacobian")
def turned_the_slopes_round(u):
    """The sign is wrong: tanh rises everywhere, so every slope is positive."""
    return np.diag(np.tanh(u) ** 2 - 1)


@mistake("tanh_jacobian")
def added_the_slopes(u):
    """You added the slopes up. The Jacobian keeps each of them, on the diagonal."""
    return np.sum(1 - np.tanh(u) ** 2)


@mistake("tanh_jacobian", shows="exp()")
def divided_exponentials(u):
    """Your exponentials overflow for large u, and ∞/∞ is nan. np.tanh is safe everywhere."""
    e = np.exp(np.asarray(u, dtype=float))
    return np.diag(1 - ((e - 1 / e) / (e + 1 / e)) ** 2)


@mistake("tanh_jacobian")
def took_the_other_diagonal(u):
    """Your slopes stand on the other diagonal. The slope of y_i by u_i stands in row i, column i."""
    return np.fliplr(np.diag(1 - np.tanh(u) ** 2))


squared_the_input = wrong(
    "tanh_jacobian", "np.diag(1.0 - u**2)", "You have 1 − u². The square is of y = tanh(u), not of u."
)


@mistake("tanh_jacobian", shows="made like")
def stored_the_slopes_like_u(u):
    """An array made like u holds whole numbers when u does, and cuts fractions off. Use np.zeros(len(u))."""
    slopes = np.zeros_like(u)
    slopes[:] = 1 - np.tanh(u) ** 2
    return np.diag(slopes)


@mistake("tanh_jacobian")
def kept_five_slopes(u):
    """Your Jacobian is 5 by 5 at most. It has a row and a column for each entry of u."""
    return np.diag(1.0 - np.tanh(u[:5]) ** 2)


@shortcut("tanh_jacobian")
def took_an_imaginary_step_in_u(u):
    return np.imag(np.tanh(u[:, None] + 1e-20j * np.eye(len(u)))) / 1e-20


# ---------------------------------------------------------------- wrong answers: softmax


@mistake("softmax_jacobian")
def kept_the_diagonal_only(z):
    """You kept the diagonal p_i(1 − p_i). Every output depends on every input: −p_i p_j stands beside it."""
    e = np.exp(z - np.max(z))
    p = e / e.sum()
    return np.diag(p * (1 - p))


@mistake("softmax_jacobian")
def forgot_the_sum_below(z):
    """You have diag(p), as if the sum below were constant. It depends on every z_j: subtract ppᵀ."""
    e = np.exp(z - np.max(z))
    return np.diag(e / e.sum())


@mistake("softmax_jacobian")
def forgot_the_numerator(z):
    """You have −ppᵀ, from the sum below. The numerator adds diag(p)."""
    e = np.exp(z - np.max(z))
    p = e / e.sum()
    return -np.outer(p, p)


@mistake("softmax_jacobian")
def added_the_outer_product(z):
    """You added ppᵀ. It comes from the sum below the fraction line, so it is subtracted."""
    e = np.exp(z - np.max(z))
    p = e / e.sum()
    return np.diag(p) + np.outer(p, p)


@mistake("softmax_jacobian")
def swapped_the_two_terms(z):
    """You have ppᵀ − diag(p): the sign is wrong. Raising z_i raises p_i."""
    e = np.exp(z - np.max(z))
    p = e / e.sum()
    return np.outer(p, p) - np.diag(p)


@mistake("softmax_jacobian")
def started_from_the_identity(z):
    """You have I − ppᵀ. The first term is diag(p), with p on the diagonal and not 1."""
    e = np.exp(z - np.max(z))
    p = e / e.sum()
    return np.eye(len(p)) - np.outer(p, p)


@mistake("softmax_jacobian", shows="exp()")
def took_exponentials_unshifted(z):
    """np.exp overflows for large z. Subtract the largest entry first: p does not change."""
    e = np.exp(z)
    p = e / e.sum()
    return np.diag(p) - np.outer(p, p)


@mistake("softmax_jacobian")
def returned_the_diagonal_as_a_vector(z):
    """You returned the n numbers p_i(1 − p_i). The Jacobian is n×n, because outputs depend on all inputs."""
    e = np.exp(z - np.max(z))
    p = e / e.sum()
    return p * (1 - p)


@mistake("softmax_jacobian")
def returned_the_probabilities(z):
    """You returned p itself, the value of softmax. Its Jacobian is n×n."""
    e = np.exp(z - np.max(z))
    return e / e.sum()


@mistake("softmax_jacobian")
def took_the_inner_product(z):
    """p @ p is one number. The table of all products p_i p_j is np.outer(p, p)."""
    e = np.exp(z - np.max(z))
    p = e / e.sum()
    return np.diag(p) - p @ p


@mistake("softmax_jacobian")
def multiplied_entry_by_entry(z):
    """p * p multiplies entry by entry and is repeated in every row. The table is np.outer(p, p)."""
    e = np.exp(z - np.max(z))
    p = e / e.sum()
    return np.diag(p) - p * p


@mistake("softmax_jacobian")
def forgot_to_normalise(z):
    """You used the exponentials without dividing them by their sum."""
    e = np.exp(z - np.max(z))
    return np.diag(e) - np.outer(e, e)


@mistake("softmax_jacobian")
def used_the_sigmoid(z):
    """You used the sigmoid of each entry. Softmax divides by the sum over all entries."""
    p = 1 / (1 + np.exp(-np.asarray(z, dtype=float)))
    return np.diag(p) - np.outer(p, p)


@mistake("softmax_jacobian")
def differentiated_the_logarithm(z):
    """You have I − 1pᵀ, the Jacobian of log softmax. Multiply row i by p_i."""
    e = np.exp(z - np.max(z))
    return np.eye(len(e)) - e / e.sum()


@mistake("softmax_jacobian")
def differentiated_the_logarithm_in_the_other_layout(z):
    """You have I − p1ᵀ: log softmax, and in the other layout. Softmax itself has diag(p) − ppᵀ."""
    e = np.exp(z - np.max(z))
    return np.eye(len(e)) - (e / e.sum())[:, None]


@mistake("softmax_jacobian")
def made_all_slopes_positive(z):
    """Your entries beside the diagonal are positive. Raising z_j lowers every other p_i: −p_i p_j."""
    e = np.exp(z - np.max(z))
    p = e / e.sum()
    return np.abs(np.diag(p) - np.outer(p, p))


@mistake("softmax_jacobian")
def multiplied_p_by_z(z):
    """You have diag(p) − pzᵀ. The derivative of the sum brings back exponentials, so it is ppᵀ."""
    e = np.exp(z - np.max(z))
    p = e / e.sum()
    return np.diag(p) - np.outer(p, z)


@mistake("softmax_jacobian")
def normalised_over_five_classes(z):
    """Your p is divided by the sum of the first five powers. Add the powers of all entries of z."""
    e = np.exp(z - np.max(z))
    p = e / e[:5].sum()
    return np.diag(p) - np.outer(p, p)


@mistake("softmax_jacobian", shows="made like")
def stored_the_powers_in_z(z):
    """You store exp(z) in a copy of z. If z holds whole numbers, the fractions are cut off."""
    e = z.copy()
    e[:] = np.exp(z - np.max(z))
    p = e / e.sum()
    return np.diag(p) - np.outer(p, p)


@shortcut("softmax_jacobian")
def took_an_imaginary_step_in_z(z):
    e = np.exp((z - np.max(z))[:, None] + 1e-20j * np.eye(len(z)))
    return np.imag(e / np.sum(e, axis=0)) / 1e-20


# ---------------------------------------------------------------- wrong answers: y = Wx by W


@mistake("weights_jacobian")
def used_the_other_layout_for_weights(W, x):
    """You have I ⊗ x, of shape mn×m: the other layout. Here outputs are rows: transpose it."""
    return np.kron(np.eye(W.shape[0]), x[:, None])


@mistake("weights_jacobian")
def read_w_column_by_column(W, x):
    """You have xᵀ ⊗ I, which belongs to W read column by column. NumPy's ravel reads it row by row."""
    return np.kron(x, np.eye(W.shape[0]))


@mistake("weights_jacobian")
def kept_three_axes(W, x):
    """You kept three axes, m×m×n. Flatten the last two: one column for each entry of W."""
    return np.kron(np.eye(W.shape[0]), x).reshape(W.shape[0], *W.shape)


@mistake("weights_jacobian")
def kept_the_blocks_only(W, x):
    """You stacked x in m rows. Row i also needs zeros for the weights that y_i does not use: m×mn."""
    return np.tile(x, (W.shape[0], 1))


@mistake("weights_jacobian")
def put_weights_in_the_blocks(W, x):
    """You put rows of W on the diagonal. The derivative of W_ij x_j by W_ij is x_j."""
    m, n = W.shape
    J = np.zeros((m, m * n))
    for i in range(m):
        J[i, i * n : (i + 1) * n] = W[i]
    return J


@mistake("weights_jacobian")
def filled_all_blocks(W, x):
    """You put x in every block. y_i depends on row i of W only: the other blocks are 0."""
    return np.kron(np.ones((W.shape[0], W.shape[0])), x)


@mistake("weights_jacobian")
def multiplied_the_output_by_the_input(W, x):
    """You have yxᵀ. That is how a gradient arrives at W from one; the Jacobian has m×mn slopes."""
    return np.outer(W @ x, x)


@mistake("weights_jacobian")
def differentiated_by_the_vector(W, x):
    """You have W, the Jacobian by x. Here the entries of W move and x stays fixed."""
    return 1.0 * W


@mistake("weights_jacobian")
def took_the_identity_of_the_input(W, x):
    """Your identity has n rows. There is one row for each output, so it needs m = W.shape[0]."""
    return np.kron(np.eye(len(x)), x)


@mistake("weights_jacobian")
def changed_the_sign_of_the_weights(W, x):
    """The sign is wrong: the slope of W_ij x_j by W_ij is +x_j."""
    return np.kron(-np.eye(W.shape[0]), x)


@mistake("weights_jacobian")
def doubled_the_blocks(W, x):
    """You have a factor 2, as for a square. Wx is linear in W too."""
    return np.kron(2 * np.eye(W.shape[0]), x)


@mistake("weights_jacobian")
def put_ones_in_the_blocks(W, x):
    """You put ones in the blocks. W_ij is multiplied by x_j, and that is its slope."""
    return np.kron(np.eye(W.shape[0]), np.ones(len(x)))


@mistake("weights_jacobian")
def added_all_outputs(W, x):
    """You returned one long row: the gradient of the sum of y. Keep one row for each output."""
    return np.tile(x, W.shape[0])


@mistake("weights_jacobian", shows="made like")
def stored_like_the_weights(W, x):
    """You stored x in an array of W's kind. When W holds whole numbers, the fractions of x are lost."""
    m, n = W.shape
    J = np.zeros((m, m * n), dtype=W.dtype)
    for i in range(m):
        J[i, i * n : (i + 1) * n] = x
    return J


@mistake("weights_jacobian", shows="rounds")
def rounded_the_blocks(W, x):
    """You rounded the entries, so small ones become 0. Return the numbers as they are."""
    return np.round(np.kron(np.eye(W.shape[0]), x), 11)


@mistake("weights_jacobian")
def kept_five_outputs_of_the_weights(W, x):
    """Your Jacobian has a row for five outputs at most. It has one for each row of W."""
    return np.kron(np.eye(min(5, np.shape(W)[0]), np.shape(W)[0]), x)


@shortcut("weights_jacobian")
def stepped_in_the_weights(W, x):
    h = 1e-5 * max(np.max(np.abs(W)), 1e-6)
    columns = []
    for i in np.ndindex(W.shape):
        step = np.zeros(W.shape)
        step[i] = h
        columns.append(((W + step) @ x - (W - step) @ x) / (2 * h))
    return np.stack(columns, axis=1)


# ---------------------------------------------------------------- wrong answers: the quadratic form


@mistake("quadratic_form_gradient")
def took_a_for_symmetric(x, A):
    """You have 2Ax. That holds for a symmetric A only; in general it is Ax + Aᵀx."""
    return 2 * A @ x


differentiated_the_left_factor = wrong(
    "quadratic_form_gradient", "A @ x", "You have Ax, from the x on the left. The x on the right adds Aᵀx."
)
differentiated_the_right_factor = wrong(
    "quadratic_form_gradient", "A.T @ x", "You have Aᵀx, from the x on the right. The x on the left adds Ax."
)


@mistake("quadratic_form_gradient")
def took_a_for_symmetric_and_transposed(x, A):
    """You have 2Aᵀx. That holds for a symmetric A only; in general it is Ax + Aᵀx."""
    return 2 * A.T @ x


@mistake("quadratic_form_gradient")
def averaged_the_two_parts(x, A):
    """You have half of (A + Aᵀ)x. The two parts are added, not averaged."""
    return (A + A.T) @ x / 2


@mistake("quadratic_form_gradient")
def evaluated_the_form(x, A):
    """You returned xᵀAx itself. Its gradient has one number for each entry of x."""
    return x @ A @ x


@mistake("quadratic_form_gradient")
def subtracted_the_transpose(x, A):
    """You have (A − Aᵀ)x. Both parts of the product rule are added."""
    return (A - A.T) @ x


forgot_the_matrix = wrong(
    "quadratic_form_gradient", "2.0 * x", "You have 2x, the gradient of xᵀx. The matrix A belongs in it."
)


@mistake("quadratic_form_gradient")
def forgot_the_vector(x, A):
    """You have A + Aᵀ, which is the second derivative. The gradient is that times x."""
    return A + A.T


@mistake("quadratic_form_gradient")
def multiplied_by_entries(x, A):
    """In NumPy, * multiplies entry by entry and leaves a matrix. The product with a vector is @."""
    return (A + A.T) * x


@mistake("quadratic_form_gradient")
def differentiated_the_squared_norm(x, A):
    """You have 2AᵀAx, the gradient of ‖Ax‖². In xᵀAx the matrix stands once."""
    return 2 * A.T @ (A @ x)


pointed_down = wrong("quadratic_form_gradient", "-(A + A.T) @ x", "The sign is wrong: you have −(A + Aᵀ)x.")


@mistake("quadratic_form_gradient", shows="A +=")
def added_the_transpose_in_place(x, A):
    """A += A.T changes A itself. Write A + A.T, which makes a new array."""
    A += A.T
    return A @ x


@mistake("quadratic_form_gradient")
def differentiated_by_the_matrix(x, A):
    """You have xxᵀ, the gradient with respect to A. Here x moves and A stays fixed."""
    return 1.0 * np.outer(x, x)


@mistake("quadratic_form_gradient")
def kept_the_squares_only(x, A):
    """You kept the diagonal of A. The mixed terms x_i A_ij x_j have slopes too."""
    return 2 * np.diag(A) * x


@mistake("quadratic_form_gradient", shows="made like")
def stored_the_gradient_like_x(x, A):
    """An array made like x holds whole numbers when x does, and cuts fractions off. Use np.zeros(len(x))."""
    grad = np.zeros_like(x)
    grad[:] = (A + A.T) @ x
    return grad


@mistake("quadratic_form_gradient", shows="rounds")
def rounded_the_slopes(x, A):
    """You rounded the entries, so small ones lose digits. Return the numbers as they are."""
    return np.round((A + A.T) @ x, 11)


@mistake("quadratic_form_gradient")
def kept_five_partial_derivatives(x, A):
    """Your gradient has five entries at most. It has one for each entry of x."""
    return ((A + np.transpose(A)) @ x)[:5]


@shortcut("quadratic_form_gradient")
def stepped_to_both_sides(x, A):
    h = 1e-5 * max(np.max(np.abs(x)), 1e-6)
    grad = np.zeros(x.shape)
    for i in np.ndindex(x.shape):
        step = np.zeros(x.shape)
        step[i] = h
        grad[i] = ((x + step) @ A @ (x + step) - (x - step) @ A @ (x - step)) / (2 * h)
    return grad


# ---------------------------------------------------------------- right answers


@variant("linear_map_jacobian")
def the_matrix_itself(x, W):
    return W


@variant("linear_map_jacobian")
def column_by_column(x, W):
    return np.stack([W @ unit for unit in np.eye(len(x))], axis=1)


@variant("linear_map_jacobian")
def entry_by_entry(x, W):
    return [[W[i, j] for j in range(len(x))] for i in range(W.shape[0])]


@variant("tanh_jacobian")
def with_cosh(u):
    return np.diag(1 / np.cosh(u) ** 2)


@variant("tanh_jacobian")
def in_a_loop(u):
    J = np.zeros((len(u), len(u)))
    for i in range(len(u)):
        J[i, i] = 1 - np.tanh(u[i]) ** 2
    return J


@variant("tanh_jacobian")
def identity_times_slopes(u):
    t = np.tanh(u)
    return np.eye(len(u)) * (1 - t) * (1 + t)


@variant("softmax_jacobian")
def rows_times_the_logarithms(z):
    e = np.exp(z - np.max(z))
    p = e / np.sum(e)
    return p[:, None] * (np.eye(len(p)) - p)


@variant("softmax_jacobian")
def case_by_case(z):
    e = np.exp(z - np.max(z))
    p = e / sum(e)
    n = len(p)
    return [[p[i] * (1 - p[i]) if i == j else -p[i] * p[j] for j in range(n)] for i in range(n)]


@variant("softmax_jacobian")
def subtracted_in_place(z):
    e = np.exp(z - np.max(z))
    p = e / e.sum()
    J = np.diag(p)
    return J - p.reshape(-1, 1) @ p.reshape(1, -1)


@variant("weights_jacobian")
def block_by_block(W, x):
    m, n = W.shape
    J = np.zeros((m, m * n))
    for i in range(m):
        J[i, i * n : (i + 1) * n] = x
    return J


@variant("weights_jacobian")
def from_three_axes(W, x):
    m, n = W.shape
    return np.einsum("ik,j->ikj", np.eye(m), x).reshape(m, m * n)


@variant("weights_jacobian")
def one_unit_matrix_at_a_time(W, x):
    columns = []
    for k in range(W.size):
        unit = np.zeros(W.size)
        unit[k] = 1.0
        columns.append(unit.reshape(W.shape) @ x)
    return np.array(columns).T


@variant("quadratic_form_gradient")
def in_two_products(x, A):
    return A @ x + x @ A


@variant("quadratic_form_gradient")
def sums_over_indices(x, A):
    n = len(x)
    return [sum(A[i, j] * x[j] + A[j, i] * x[j] for j in range(n)) for i in range(n)]


@variant("quadratic_form_gradient")
def with_the_symmetric_part(x, A):
    return 2 * ((A + A.T) / 2) @ x


# ---------------------------------------------------------------- the derivation


derivations = (
    DerivationTask(
        name="softmax",
        loss="p(z) = softmax(z)",
        shapes={"z": ("n",)},
        waypoints=(
            differentiated(),
            gradient_by("z"),
        ),
        right={
            "through the logarithm": """
S = Σ_k e^{z_k}
p_i = e^{z_i}/S
log p_i = z_i − log S
∂(log p_i)/∂z_j = δ_ij − e^{z_j}/S
                = δ_ij − p_j
∂p_i/∂z_j = p_i ∂(log p_i)/∂z_j
          = p_i (δ_ij − p_j)
∂p/∂z = diag(p) − p pᵀ
""",
            "two cases": """
S = Σ_k e^{z_k}
p_i = e^{z_i}/S
∂S/∂z_j = e^{z_j}
∂p_i/∂z_j = (e^{z_i} S − e^{z_i} e^{z_j})/S²   if i = j
          = p_i − p_i²   if i = j
∂p_i/∂z_j = −e^{z_i} e^{z_j}/S²   (i ≠ j)
          = −p_i p_j   (i ≠ j)
∂p_i/∂z_j = p_i δ_ij − p_i p_j
∂p/∂z = diag(p) − p pᵀ
Σ_j ∂p_i/∂z_j = p_i − p_i Σ_j p_j
              = 0
""",
            "quotient rule": """
p = e^z / (1ᵀ e^z)
dp = (e^z ⊙ dz)/(1ᵀ e^z) − e^z (1ᵀ (e^z ⊙ dz))/(1ᵀ e^z)²
   = p ⊙ dz − p (pᵀ dz)
   = (diag(p) − p pᵀ) dz
∂p/∂z = diag(p) − p pᵀ
(diag(p) − p pᵀ) 1 = p − p (pᵀ 1) = p − p = 0
""",
        },
        wrong={
            "no case for j ≠ i": """
p = softmax(z)
∂p_i/∂z_j = p_i − p_i²
∂p/∂z = diag(p)
""",
        },
    ),
)
