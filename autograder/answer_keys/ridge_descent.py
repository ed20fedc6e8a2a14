"""f(x) = ‖Ax − b‖² + λ‖x‖², its gradient 2Aᵀ(Ax − b) + 2λx, its minimum, and the way there.

The closed form (AᵀA + λI)⁻¹Aᵀb is where the gradient is zero. Descent from x = 0 converges exactly
when its step is below 1/(σ_max(A)² + λ), because it multiplies the error along each eigenvector of
AᵀA by 1 − 2·step·(σ² + λ).
"""

import numpy as np

from autograder.problem_sets.derivation_key import DerivationTask, differentiated, equations, gradient_by
from autograder.problem_sets.key import Check, Question, Term, mistake, patched, shortcut, variant, wrong

points = 40
points_by_hand = 10


def ridge_loss(x, A, b, lam):
    r = A @ x - b
    return float(r @ r + lam * (x @ x))


def ridge_gradient(x, A, b, lam):
    return 2.0 * A.T @ (A @ x - b) + 2.0 * lam * np.asarray(x)


def ridge_closed_form(A, b, lam):
    return np.linalg.solve(A.T @ A + lam * np.eye(A.shape[1]), A.T @ b)


def ridge_descent(A, b, lam, learning_rate, n_steps):
    x = np.zeros(A.shape[1])
    losses = []
    for _ in range(n_steps):
        losses.append(ridge_loss(x, A, b, lam))
        x = x - learning_rate * ridge_gradient(x, A, b, lam)
    return x, np.array(losses)


loss = ridge_loss
gradient = ridge_gradient


def _instance(rng, rows, columns, lam, n_steps, scale=1.0):
    """A problem whose terms are of one size, and a step at 0.3 to 0.6 of the bound.

    `scale` multiplies x and b, not A: so Ax and b stay comparable and no term drowns in another.
    """
    A = rng.uniform(0.5, 2.0, (rows, columns)) * rng.choice([-1, 1], (rows, columns))
    limit = 1.0 / (np.linalg.norm(A, 2) ** 2 + lam)
    return {
        "x": scale * rng.uniform(0.5, 2.0, columns) * rng.choice([-1, 1], columns),
        "A": A,
        "b": scale * rng.uniform(1.0, 4.0, rows) * rng.choice([-1, 1], rows),
        "lam": lam,
        "learning_rate": float(rng.uniform(0.3, 0.6) * limit),
        "n_steps": n_steps,
    }


def instances(rng, scale=1.0):
    """Tall A of three shapes, λ neither 0 nor 1, and too few steps to converge."""
    shapes = ((6, 3, 2.5, 4), (8, 5, 0.7, 6), (11, 7, 5.0, 3))
    return [_instance(rng, *shape, scale) for shape in shapes]


def _far(rng):
    return instances(rng, 1e6)[:2] + instances(rng, 1e-6)[:2]


def _no_penalty(rng):
    return [_instance(rng, 7, 3, 0, 5), _instance(rng, 9, 5, 0.0, 3)]


def _wide(rng):
    return [_instance(rng, 3, 5, 1.5, 4), _instance(rng, 5, 8, 0.4, 3)]


def _few_steps(rng):
    return [_instance(rng, 6, 3, 2.5, 1), _instance(rng, 5, 3, 0.7, 2)]


def _and_long(rng):
    """Ordinary problems, two with steps far past where the loss stops falling, and one whose losses grow."""
    long = [_instance(rng, 20, 3, 2.5, 1100), _instance(rng, 30, 5, 0.7, 80)]
    growing = _instance(rng, 7, 3, 1.5, 5)
    rate = float(rng.uniform(5.0, 6.0) * growing["learning_rate"])
    return [*instances(rng), *long, {**growing, "learning_rate": rate}]


def _whole(rng):
    """A and b hold whole numbers, x and λ do not: in an array made like A they lose their fractions.

    Then x holds whole numbers, and A and b do not.
    """
    A = rng.integers(1, 6, (5, 3)) * rng.choice([-1, 1], (5, 3))
    lam = float(rng.integers(2, 6) + rng.choice([0.25, 0.5, 0.75]))
    return [
        {
            "x": rng.uniform(0.5, 2.0, 3) * rng.choice([-1, 1], 3),
            "A": A,
            "b": rng.integers(1, 8, 5) * rng.choice([-1, 1], 5),
            "lam": lam,
            "learning_rate": float(rng.uniform(0.3, 0.6) / (np.linalg.norm(A, 2) ** 2 + lam)),
            "n_steps": 4,
        },
        {**_instance(rng, 6, 3, lam, 4), "x": rng.integers(1, 8, 3) * rng.choice([-1, 1], 3)},
    ]


_CHECKS = {
    "ordinary": Check("ordinary problems", "matrices of 6×3, 8×5 and 11×7 numbers", 3, instances),
    "whole": Check("whole numbers", "A and b of whole numbers, then x of whole numbers", 1, _whole),
    "no penalty": Check("no penalty", "λ = 0", 1, _no_penalty),
    "far": Check("very large and very small", "numbers near a million and a millionth", 1, _far, scales=True),
}

questions = (
    Question(ridge_loss, tuple(_CHECKS.values())),
    Question(
        ridge_gradient,
        (
            Check("ordinary problems", "matrices of 6×3, 8×5 and 11×7 numbers", 3, instances, harness=True),
            *list(_CHECKS.values())[1:],
        ),
        differentiates=ridge_loss,
    ),
    Question(
        ridge_closed_form,
        (
            Check("ordinary problems", "matrices of 6×3, 8×5 and 11×7 numbers", 2, instances),
            _CHECKS["whole"],
            _CHECKS["no penalty"],
            Check("more columns than rows", "matrices of 3×5 and 5×8 numbers", 1, _wide),
        ),
    ),
    Question(
        ridge_descent,
        (
            Check(
                "ordinary problems",
                "six problems, with 3 to 1,100 steps, in one with too large a rate",
                5,
                _and_long,
            ),
            _CHECKS["whole"],
            Check("no penalty", "λ = 0", 2, _no_penalty),
            Check("few steps", "one step, and two", 2, _few_steps),
        ),
    ),
)

terms = {
    "ridge_loss": (
        Term("‖Ax − b‖²", lambda x, A, b, lam: np.sum((A @ x - b) ** 2)),
        Term("λ‖x‖²", lambda x, A, b, lam: lam * np.sum(x * x)),
        Term("‖x‖²", lambda x, A, b, lam: np.sum(x * x)),
    ),
    "ridge_gradient": (
        Term("AᵀAx", lambda x, A, b, lam: A.T @ (A @ x)),
        Term("Aᵀb", lambda x, A, b, lam: A.T @ b),
        Term("λx", lambda x, A, b, lam: lam * x),
    ),
}

equivalent = {
    ("ridge_loss", "r = b - A @ x"): "(b − Ax)² = (Ax − b)²",
    (
        "ridge_closed_form",
        "return np.linalg.solve(A.T @ A + lam * np.eye(A.shape[-1]), A.T @ b)",
    ): "A.shape[-1] is A.shape[1]: A has two axes",
    ("ridge_descent", "x = np.zeros(A.shape[-1])"): "A.shape[-1] is A.shape[1]: A has two axes",
}


# ---------------------------------------------------------------- wrong answers: the loss


loss_without_the_penalty = wrong("ridge_loss", "np.sum((A @ x - b) ** 2)", "The penalty λ‖x‖² is missing.")
loss_without_lambda = wrong(
    "ridge_loss", "np.sum((A @ x - b) ** 2) + np.sum(x**2)", "You added ‖x‖² without its factor λ."
)


@mistake("ridge_loss")
def penalised_the_length(x, A, b, lam):
    """Your penalty is λ‖x‖. The norm is squared: λ‖x‖²."""
    return np.sum((A @ x - b) ** 2) + lam * np.linalg.norm(x)


@mistake("ridge_loss")
def penalised_absolute_values(x, A, b, lam):
    """Your penalty is λΣ|xᵢ|, which is the lasso. Ridge adds λΣxᵢ²."""
    return np.sum((A @ x - b) ** 2) + lam * np.sum(np.abs(x))


@mistake("ridge_loss")
def subtracted_the_penalty(x, A, b, lam):
    """You subtracted the penalty. It is added: a large x costs something."""
    return np.sum((A @ x - b) ** 2) - lam * np.sum(x**2)


@mistake("ridge_loss")
def loss_with_lambda_squared(x, A, b, lam):
    """Your penalty is λ²‖x‖². λ itself is not squared."""
    return np.sum((A @ x - b) ** 2) + np.sum((lam * x) ** 2)


@mistake("ridge_loss")
def averaged_the_squares(x, A, b, lam):
    """You averaged the squares of Ax − b. ‖Ax − b‖² is their sum."""
    return np.mean((A @ x - b) ** 2) + lam * np.sum(x**2)


@mistake("ridge_loss")
def averaged_the_penalty(x, A, b, lam):
    """You averaged the squares of x in the penalty. ‖x‖² is their sum."""
    return np.sum((A @ x - b) ** 2) + lam * np.mean(x**2)


@mistake("ridge_loss")
def halved_the_loss(x, A, b, lam):
    """You have a factor ½ in front. This exercise has none."""
    return 0.5 * (np.sum((A @ x - b) ** 2) + lam * np.sum(x**2))


took_the_root_of_the_residual = wrong(
    "ridge_loss", "np.linalg.norm(A @ x - b) + lam * np.sum(x**2)", "You added ‖Ax − b‖ without the square."
)
added_b_to_the_prediction = wrong(
    "ridge_loss", "np.sum((A @ x + b) ** 2) + lam * np.sum(x**2)", "The residual is Ax − b. You have Ax + b."
)


@mistake("ridge_loss")
def left_the_squares_unsummed(x, A, b, lam):
    """You returned one number for each row of A. Add them up: a loss is one number."""
    return (A @ x - b) ** 2 + lam * np.sum(x**2)


@mistake("ridge_loss")
def replaced_lambda_zero(x, A, b, lam):
    """You replaced λ = 0 by another value. λ = 0 is a legal choice: no penalty."""
    return np.sum((A @ x - b) ** 2) + (lam or 1.0) * np.sum(x**2)


@mistake("ridge_loss", shows="made like")
def stored_the_residual_like_b(x, A, b, lam):
    """An array made like b holds whole numbers when b does, and cuts the residual. Use np.zeros(len(b))."""
    r = np.zeros_like(b)
    for i in range(len(b)):
        r[i] = A[i] @ x - b[i]
    return np.sum(r**2) + lam * np.sum(x**2)


@mistake("ridge_loss", shows="rounds")
def rounded_the_loss(x, A, b, lam):
    """You rounded the loss. Small losses become 0 that way: return it as it is."""
    return np.round(np.sum((A @ x - b) ** 2) + lam * np.sum(x**2), 8)


@mistake("ridge_loss")
def added_ten_residuals(x, A, b, lam):
    """Only the first ten residuals are added. Do not write a number of rows in: A may have more."""
    r = (A @ x - b)[:10]
    return float(r @ r + lam * (x @ x))


# ---------------------------------------------------------------- wrong answers: the gradient


gradient_without_the_penalty = wrong(
    "ridge_gradient", "2 * A.T @ (A @ x - b)", "You differentiated ‖Ax − b‖² only. The penalty adds 2λx."
)


@mistake("ridge_gradient")
def forgot_the_two_of_the_penalty(x, A, b, lam):
    """You have λx for the penalty. The derivative of λ‖x‖² is 2λx."""
    return 2 * A.T @ (A @ x - b) + lam * x


@mistake("ridge_gradient")
def forgot_the_two_of_the_residual(x, A, b, lam):
    """You have Aᵀ(Ax − b) for the first part. Its factor 2 is missing."""
    return A.T @ (A @ x - b) + 2 * lam * x


forgot_both_twos = wrong(
    "ridge_gradient", "A.T @ (A @ x - b) + lam * x", "Both parts lack the factor 2 that a square brings."
)


@mistake("ridge_gradient")
def pointed_downhill(x, A, b, lam):
    """You returned −∇f. The minus belongs to the descent step, not to the gradient."""
    return -2 * A.T @ (A @ x - b) - 2 * lam * x


@mistake("ridge_gradient")
def subtracted_the_penaltys_gradient(x, A, b, lam):
    """You subtracted 2λx. The penalty is added to the loss, so its derivative is added too."""
    return 2 * A.T @ (A @ x - b) - 2 * lam * x


gradient_without_lambda = wrong(
    "ridge_gradient", "2 * A.T @ (A @ x - b) + 2 * x", "You have 2x for the penalty, without its factor λ."
)


@mistake("ridge_gradient")
def gradient_with_lambda_squared(x, A, b, lam):
    """You have 2λ²x for the penalty. λ is a constant factor: it stays as it is."""
    return 2 * A.T @ (A @ x - b) + 2 * lam**2 * x


@mistake("ridge_gradient")
def lost_x_from_the_penalty(x, A, b, lam):
    """You have 2λ for the penalty. The derivative of λ‖x‖² is 2λx: x stays in it."""
    return 2 * A.T @ (A @ x - b) + 2 * lam


@mistake("ridge_gradient")
def added_the_penalty_itself(x, A, b, lam):
    """You added λ‖x‖², the penalty itself, to every entry. Add its derivative, 2λx."""
    return 2 * A.T @ (A @ x - b) + lam * np.sum(x**2)


@mistake("ridge_gradient")
def differentiated_the_lasso(x, A, b, lam):
    """You have λ·sign(x), the derivative of λΣ|xᵢ|. Here the penalty is λΣxᵢ²."""
    return 2 * A.T @ (A @ x - b) + lam * np.sign(x)


@mistake("ridge_gradient")
def normalised_the_penaltys_gradient(x, A, b, lam):
    """You have λx/‖x‖, the derivative of λ‖x‖. Here the norm is squared, which gives 2λx."""
    return 2 * A.T @ (A @ x - b) + lam * x / np.linalg.norm(x)


forgot_b = wrong(
    "ridge_gradient", "2 * A.T @ (A @ x) + 2 * lam * x", "b is missing: the first part is 2Aᵀ(Ax − b)."
)
turned_the_sign_of_b = wrong(
    "ridge_gradient", "2 * A.T @ (A @ x + b) + 2 * lam * x", "You have 2Aᵀ(Ax + b). The residual is Ax − b."
)


@mistake("ridge_gradient", shows="A @ difference")
def forgot_to_transpose(x, A, b, lam):
    """A(Ax − b) has no legal shape. The inner derivative comes in front as Aᵀ."""
    return 2 * A @ (A @ x - b) + 2 * lam * x


@mistake("ridge_gradient")
def averaged_the_first_part(x, A, b, lam):
    """You divided by the number of rows, as for a mean. ‖Ax − b‖² is a sum."""
    return 2 * A.T @ (A @ x - b) / len(b) + 2 * lam * x


@mistake("ridge_gradient")
def averaged_the_gradient(x, A, b, lam):
    """You divided the whole gradient by the number of rows. There is no mean here."""
    return (2 * A.T @ (A @ x - b) + 2 * lam * x) / len(b)


@mistake("ridge_gradient")
def added_the_coordinates(x, A, b, lam):
    """You added the partial derivatives up. A gradient keeps one number for each entry of x."""
    return np.sum(2 * A.T @ (A @ x - b) + 2 * lam * x)


@mistake("ridge_gradient")
def turned_into_a_column(x, A, b, lam):
    """You returned a column of shape (n, 1). x has shape (n,), and so has its gradient."""
    return (2 * A.T @ (A @ x - b) + 2 * lam * x)[:, None]


@mistake("ridge_gradient")
def stopped_at_the_residual(x, A, b, lam):
    """You have the derivative with respect to Ax − b, of length m. Aᵀ in front leads back to x."""
    return 2 * (A @ x - b)


@mistake("ridge_gradient")
def gradient_with_another_lambda_for_zero(x, A, b, lam):
    """You replaced λ = 0 by another value. λ = 0 is a legal choice: no penalty."""
    return 2 * A.T @ (A @ x - b) + 2 * (lam or 1.0) * x


@mistake("ridge_gradient", shows="made like")
def stored_the_gradient_like_a_row(x, A, b, lam):
    """An array made like A holds whole numbers when A does, and cuts the gradient off. Use np.zeros(n)."""
    grad = np.zeros_like(A[0])
    full = 2 * A.T @ (A @ x - b) + 2 * lam * x
    for i in range(len(grad)):
        grad[i] = full[i]
    return grad


@mistake("ridge_gradient", shows="rounds")
def rounded_the_gradient(x, A, b, lam):
    """You rounded the gradient. Small slopes become 0 that way: return it as it is."""
    return np.round(2 * A.T @ (A @ x - b) + 2 * lam * x, 5)


@mistake("ridge_gradient", shows="b -=")
def changed_b_in_place(x, A, b, lam):
    """b -= A @ x changes b itself, for everybody. Write A @ x - b, which makes a new array."""
    b -= A @ x
    return -2 * A.T @ b + 2 * lam * x


@mistake("ridge_gradient")
def used_ten_rows(x, A, b, lam):
    """You use the first ten rows of A and b only. The gradient needs every row there is."""
    return 2.0 * A[:10].T @ (A[:10] @ x - b[:10]) + 2.0 * lam * np.asarray(x)


@mistake("ridge_gradient")
def differenced_with_a_fixed_step(x, A, b, lam):
    """This is a difference quotient with one step for all x. Near a million it drowns in rounding."""
    grad, h = np.zeros(len(x)), 1e-5
    for i, e in enumerate(np.eye(len(x))):
        grad[i] = (ridge_loss(x + h * e, A, b, lam) - ridge_loss(x - h * e, A, b, lam)) / (2 * h)
    return grad


@shortcut("ridge_gradient")
def stepped_to_both_sides(x, A, b, lam):
    h = 1e-5 * max(np.max(np.abs(x)), 1e-6)
    grad = np.zeros(x.shape)
    for i in np.ndindex(x.shape):
        step = np.zeros(x.shape)
        step[i] = h
        grad[i] = (ridge_loss(x + step, A, b, lam) - ridge_loss(x - step, A, b, lam)) / (2 * h)
    return grad


# ---------------------------------------------------------------- wrong answers: the closed form


@mistake("ridge_closed_form")
def closed_form_without_the_penalty(A, b, lam):
    """You solved AᵀAx = Aᵀb. With the penalty the matrix is AᵀA + λI."""
    return np.linalg.solve(A.T @ A, A.T @ b)


@mistake("ridge_closed_form")
def added_lambda_everywhere(A, b, lam):
    """You added λ to every entry of AᵀA. λI changes the diagonal only: lam * np.eye(n)."""
    return np.linalg.solve(A.T @ A + lam, A.T @ b)


@mistake("ridge_closed_form")
def subtracted_lambda(A, b, lam):
    """You have AᵀA − λI. Setting the gradient to zero gives AᵀA + λI."""
    return np.linalg.solve(A.T @ A - lam * np.eye(A.shape[1]), A.T @ b)


@mistake("ridge_closed_form")
def doubled_lambda(A, b, lam):
    """You have AᵀA + 2λI. The factor 2 stands on both sides of the equation and cancels."""
    return np.linalg.solve(A.T @ A + 2 * lam * np.eye(A.shape[1]), A.T @ b)


@mistake("ridge_closed_form")
def doubled_the_right_side(A, b, lam):
    """Your right side is 2Aᵀb, your matrix AᵀA + λI. The factor 2 cancels on both sides or on none."""
    return np.linalg.solve(A.T @ A + lam * np.eye(A.shape[1]), 2 * A.T @ b)


@mistake("ridge_closed_form")
def closed_form_with_lambda_squared(A, b, lam):
    """You have AᵀA + λ²I, as when λI is appended to A. Append √λ I, or write λI."""
    n = A.shape[1]
    return np.linalg.lstsq(np.vstack([A, lam * np.eye(n)]), np.append(b, np.zeros(n)), rcond=None)[0]


@mistake("ridge_closed_form", shows="solve for b")
def forgot_to_transpose_on_the_right(A, b, lam):
    """The right side is Aᵀb, of length n. b alone has length m."""
    return np.linalg.solve(A.T @ A + lam * np.eye(A.shape[1]), b)


@mistake("ridge_closed_form", shows="A @ A.T")
def multiplied_the_wrong_way_round(A, b, lam):
    """You have AAᵀ, which is m by m. AᵀA is n by n, and so is λI."""
    return np.linalg.solve(A @ A.T + lam * np.eye(A.shape[0]), b)


@mistake("ridge_closed_form", shows="/")
def divided_entry_by_entry(A, b, lam):
    """1 / M divides entry by entry. The inverse of a matrix is np.linalg.inv(M); better, use solve."""
    return (1 / (A.T @ A + lam * np.eye(A.shape[1]))) @ (A.T @ b)


@mistake("ridge_closed_form")
def multiplied_lambda_by_the_rows(A, b, lam):
    """You have mλ. That belongs to a mean over the m rows; here the squares are summed."""
    return np.linalg.solve(A.T @ A + len(b) * lam * np.eye(A.shape[1]), A.T @ b)


@mistake("ridge_closed_form")
def forgot_to_invert(A, b, lam):
    """You multiplied by AᵀA + λI. Solve with it instead: np.linalg.solve(M, v)."""
    return (A.T @ A + lam * np.eye(A.shape[1])) @ (A.T @ b)


@mistake("ridge_closed_form", shows="eye() | identity()")
def cut_the_identity_from_b(A, b, lam):
    """Your identity has the size of b, which fails when A has more columns than rows. Use A.shape[1]."""
    n = A.shape[1]
    return np.linalg.solve(A.T @ A + lam * np.eye(len(b))[:n, :n], A.T @ b)


@mistake("ridge_closed_form", shows="+=")
def added_to_whole_numbers_in_place(A, b, lam):
    """M += ... fails when M holds whole numbers. Write M = M + ..., which makes a new array."""
    M = A.T @ A
    M += float(lam) * np.eye(A.shape[1])
    return np.linalg.solve(M, A.T @ b)


@mistake("ridge_closed_form", shows="[] +=")
def added_to_single_whole_numbers(A, b, lam):
    """AᵀA holds whole numbers when A does, and += cuts λ off to one. Write M = M + lam * np.eye(n)."""
    M = A.T @ A
    for i in range(len(M)):
        M[i, i] += lam
    return np.linalg.solve(M, A.T @ b)


@mistake("ridge_closed_form", shows="pinv()")
def took_the_pseudo_inverse_of_a(A, b, lam):
    """np.linalg.pinv(A) @ b is plain least squares: λ is not in it. Solve with AᵀA + λI."""
    return np.linalg.pinv(A) @ b


@mistake("ridge_closed_form", shows="fill_diagonal()")
def replaced_the_diagonal(A, b, lam):
    """np.fill_diagonal puts λ in place of the diagonal of AᵀA. Add it: AᵀA + λI."""
    M = A.T @ A * 1.0
    np.fill_diagonal(M, lam)
    return np.linalg.solve(M, A.T @ b)


@mistake("ridge_closed_form")
def closed_form_with_another_lambda_for_zero(A, b, lam):
    """You replaced λ = 0 by a small number. λ = 0 is a legal choice: plain least squares."""
    return np.linalg.solve(A.T @ A + (lam or 1e-3) * np.eye(A.shape[1]), A.T @ b)


@mistake("ridge_closed_form")
def solved_ten_rows(A, b, lam):
    """You solve for the first ten rows of A and b only. Every row pulls at the minimum."""
    return np.linalg.solve(A[:10].T @ A[:10] + lam * np.eye(A.shape[1]), A[:10].T @ b[:10])


# ---------------------------------------------------------------- wrong answers: the descent


@mistake("ridge_descent")
def ascended(A, b, lam, learning_rate, n_steps):
    """You added the gradient and went uphill. A descent step subtracts it."""
    x, losses = np.zeros(A.shape[1]), []
    for _ in range(n_steps):
        losses.append(ridge_loss(x, A, b, lam))
        x = x + learning_rate * ridge_gradient(x, A, b, lam)
    return x, losses


@mistake("ridge_descent")
def forgot_the_learning_rate(A, b, lam, learning_rate, n_steps):
    """You subtracted the whole gradient. Multiply it by the learning rate first."""
    x, losses = np.zeros(A.shape[1]), []
    for _ in range(n_steps):
        losses.append(ridge_loss(x, A, b, lam))
        x = x - ridge_gradient(x, A, b, lam)
    return x, losses


@mistake("ridge_descent", shows="gradient before the loop")
def kept_a_stale_gradient(A, b, lam, learning_rate, n_steps):
    """You computed the gradient once, before the loop. It changes with x: compute it in every step."""
    x, losses = np.zeros(A.shape[1]), []
    grad = ridge_gradient(x, A, b, lam)
    for _ in range(n_steps):
        losses.append(ridge_loss(x, A, b, lam))
        x = x - learning_rate * grad
    return x, losses


@mistake("ridge_descent", shows="loop")
def stopped_one_step_early(A, b, lam, learning_rate, n_steps):
    """You took n_steps − 1 steps. range(1, n_steps) leaves one out."""
    x, losses = np.zeros(A.shape[1]), []
    for _ in range(1, n_steps):
        losses.append(ridge_loss(x, A, b, lam))
        x = x - learning_rate * ridge_gradient(x, A, b, lam)
    return x, losses


@mistake("ridge_descent")
def took_one_step_more(A, b, lam, learning_rate, n_steps):
    """You took n_steps + 1 steps."""
    x, losses = np.zeros(A.shape[1]), []
    for _ in range(n_steps + 1):
        losses.append(ridge_loss(x, A, b, lam))
        x = x - learning_rate * ridge_gradient(x, A, b, lam)
    return x, losses


@mistake("ridge_descent")
def recorded_after_the_step(A, b, lam, learning_rate, n_steps):
    """You recorded each loss after its step. Record it before: the first loss is the one at x = 0."""
    x, losses = np.zeros(A.shape[1]), []
    for _ in range(n_steps):
        x = x - learning_rate * ridge_gradient(x, A, b, lam)
        losses.append(ridge_loss(x, A, b, lam))
    return x, losses


@mistake("ridge_descent")
def recorded_the_last_loss_too(A, b, lam, learning_rate, n_steps):
    """You recorded n_steps + 1 losses. The loss after the last step is not asked for."""
    x, losses = np.zeros(A.shape[1]), [ridge_loss(np.zeros(A.shape[1]), A, b, lam)]
    for _ in range(n_steps):
        x = x - learning_rate * ridge_gradient(x, A, b, lam)
        losses.append(ridge_loss(x, A, b, lam))
    return x, losses


@mistake("ridge_descent", shows="[] =")
def started_on_top_of_b(A, b, lam, learning_rate, n_steps):
    """You made x out of part of b and set it to zero, which changes b. Start with np.zeros(n)."""
    x, losses = b[: A.shape[1]], []
    x[:] = 0
    for _ in range(n_steps):
        losses.append(ridge_loss(x, A, b, lam))
        x = x - learning_rate * ridge_gradient(x, A, b, lam)
    return x, losses


@mistake("ridge_descent")
def started_at_ones(A, b, lam, learning_rate, n_steps):
    """You started at x = (1, …, 1). Start at x = 0."""
    x, losses = np.ones(A.shape[1]), []
    for _ in range(n_steps):
        losses.append(ridge_loss(x, A, b, lam))
        x = x - learning_rate * ridge_gradient(x, A, b, lam)
    return x, losses


@mistake("ridge_descent", shows="random")
def started_at_random(A, b, lam, learning_rate, n_steps):
    """You started at a random x. Start at x = 0, so that everybody walks the same way."""
    x, losses = np.random.default_rng(0).normal(size=A.shape[1]), []
    for _ in range(n_steps):
        losses.append(ridge_loss(x, A, b, lam))
        x = x - learning_rate * ridge_gradient(x, A, b, lam)
    return x, losses


@mistake("ridge_descent")
def descended_without_the_penalty(A, b, lam, learning_rate, n_steps):
    """Your steps follow the gradient of ‖Ax − b‖² alone. Add the penalty's gradient, 2λx."""
    x, losses = np.zeros(A.shape[1]), []
    for _ in range(n_steps):
        losses.append(ridge_loss(x, A, b, lam))
        x = x - learning_rate * 2 * A.T @ (A @ x - b)
    return x, losses


@mistake("ridge_descent")
def recorded_without_the_penalty(A, b, lam, learning_rate, n_steps):
    """Your steps are right, but you recorded ‖Ax − b‖² without the penalty."""
    x, losses = np.zeros(A.shape[1]), []
    for _ in range(n_steps):
        losses.append(np.sum((A @ x - b) ** 2))
        x = x - learning_rate * ridge_gradient(x, A, b, lam)
    return x, losses


@mistake("ridge_descent")
def descended_with_half_the_gradient(A, b, lam, learning_rate, n_steps):
    """Your steps are half as long as they should be: the gradient in them lacks its factor 2."""
    x, losses = np.zeros(A.shape[1]), []
    for _ in range(n_steps):
        losses.append(ridge_loss(x, A, b, lam))
        x = x - learning_rate * (A.T @ (A @ x - b) + lam * x)
    return x, losses


@mistake("ridge_descent")
def returned_the_losses_first(A, b, lam, learning_rate, n_steps):
    """You returned (losses, x). The order is (x, losses)."""
    x, losses = np.zeros(A.shape[1]), []
    for _ in range(n_steps):
        losses.append(ridge_loss(x, A, b, lam))
        x = x - learning_rate * ridge_gradient(x, A, b, lam)
    return losses, x


@mistake("ridge_descent")
def returned_x_only(A, b, lam, learning_rate, n_steps):
    """You returned x alone. Return two things: x, losses."""
    x = np.zeros(A.shape[1])
    for _ in range(n_steps):
        x = x - learning_rate * ridge_gradient(x, A, b, lam)
    return x


@mistake("ridge_descent")
def returned_the_last_loss_only(A, b, lam, learning_rate, n_steps):
    """You returned one loss. losses holds one number for each step: append to a list."""
    x, last = np.zeros(A.shape[1]), 0.0
    for _ in range(n_steps):
        last = ridge_loss(x, A, b, lam)
        x = x - learning_rate * ridge_gradient(x, A, b, lam)
    return x, last


@mistake("ridge_descent", shows="return in a loop")
def returned_inside_the_loop(A, b, lam, learning_rate, n_steps):
    """Your return stands inside the loop and ends it after one step. Move it to the left."""
    x, losses = np.zeros(A.shape[1]), []
    for _ in range(n_steps):
        losses.append(ridge_loss(x, A, b, lam))
        x = x - learning_rate * ridge_gradient(x, A, b, lam)
        return x, losses
    return x, losses


@mistake("ridge_descent")
def shrank_the_learning_rate(A, b, lam, learning_rate, n_steps):
    """You made the learning rate smaller from step to step. Here it stays the same."""
    x, losses = np.zeros(A.shape[1]), []
    for k in range(n_steps):
        losses.append(ridge_loss(x, A, b, lam))
        x = x - learning_rate / (k + 1) * ridge_gradient(x, A, b, lam)
    return x, losses


@mistake("ridge_descent")
def normalised_each_step(A, b, lam, learning_rate, n_steps):
    """You divided the gradient by its length, so that all steps are equally long. Use it as it is."""
    x, losses = np.zeros(A.shape[1]), []
    for _ in range(n_steps):
        losses.append(ridge_loss(x, A, b, lam))
        grad = ridge_gradient(x, A, b, lam)
        x = x - learning_rate * grad / np.linalg.norm(grad)
    return x, losses


@mistake("ridge_descent", shows="loop")
def moved_one_entry_at_a_time(A, b, lam, learning_rate, n_steps):
    """You changed x while its gradient was still in use. Compute the whole gradient, then step."""
    x, losses = np.zeros(A.shape[1]), []
    for _ in range(n_steps):
        losses.append(ridge_loss(x, A, b, lam))
        for i in range(len(x)):
            x[i] = x[i] - learning_rate * ridge_gradient(x, A, b, lam)[i]
    return x, losses


@mistake("ridge_descent", shows="made like")
def stored_x_like_a_row(A, b, lam, learning_rate, n_steps):
    """An array made like A holds whole numbers when A does, and cuts every step off. Use np.zeros(n)."""
    x, losses = np.zeros_like(A[0]), []
    for _ in range(n_steps):
        losses.append(ridge_loss(x, A, b, lam))
        x[:] = x - learning_rate * ridge_gradient(x, A, b, lam)
    return x, losses


@mistake("ridge_descent")
def descended_with_another_lambda_for_zero(A, b, lam, learning_rate, n_steps):
    """You replaced λ = 0 by another value. λ = 0 is a legal choice: no penalty."""
    x, losses = np.zeros(A.shape[1]), []
    for _ in range(n_steps):
        losses.append(ridge_loss(x, A, b, lam or 0.1))
        x = x - learning_rate * ridge_gradient(x, A, b, lam or 0.1)
    return x, losses


stopped_after_five_steps = patched(
    "ridge_descent",
    "n_steps",
    "min(n_steps, 5)",
    "You stop after five steps, whatever n_steps says. Take exactly n_steps.",
)


@mistake("ridge_descent")
def stopped_when_the_loss_hardly_fell(A, b, lam, learning_rate, n_steps):
    """You stop once the loss hardly falls. Take all n_steps: losses holds a number for each."""
    x = np.zeros(A.shape[1])
    losses = []
    for _ in range(n_steps):
        losses.append(ridge_loss(x, A, b, lam))
        if len(losses) > 1 and losses[-2] - losses[-1] < 1e-8:
            break
        x = x - learning_rate * ridge_gradient(x, A, b, lam)
    return x, np.array(losses)


@mistake("ridge_descent", shows="sort() | sorted()")
def sorted_the_losses(A, b, lam, learning_rate, n_steps):
    """You sort the losses. Keep the order of the steps: with steps that are too long the loss grows."""
    x = np.zeros(A.shape[1])
    losses = []
    for _ in range(n_steps):
        losses.append(ridge_loss(x, A, b, lam))
        x = x - learning_rate * ridge_gradient(x, A, b, lam)
    return x, sorted(losses, reverse=True)


@mistake("ridge_descent")
def stopped_when_the_gradient_was_small(A, b, lam, learning_rate, n_steps):
    """You stop once the gradient is small. Take all n_steps: losses holds a number for each."""
    x = np.zeros(A.shape[1])
    losses = []
    for _ in range(n_steps):
        slope = ridge_gradient(x, A, b, lam)
        if np.linalg.norm(slope) < 1e-6:
            break
        losses.append(ridge_loss(x, A, b, lam))
        x = x - learning_rate * slope
    return x, losses


@mistake("ridge_descent", shows="squeeze()")
def squeezed_the_losses(A, b, lam, learning_rate, n_steps):
    """np.squeeze turns a list of one loss into a bare number. Return a list, even of a single loss."""
    x = np.zeros(A.shape[1])
    losses = np.zeros((n_steps, 1))
    for k in range(n_steps):
        losses[k] = ridge_loss(x, A, b, lam)
        x = x - learning_rate * ridge_gradient(x, A, b, lam)
    return x, np.squeeze(losses)


# ---------------------------------------------------------------- right answers


@variant("ridge_loss")
def loss_row_by_row(x, A, b, lam):
    total = 0.0
    for i in range(len(b)):
        total += (sum(A[i, j] * x[j] for j in range(len(x))) - b[i]) ** 2
    for entry in x:
        total += lam * entry**2
    return total


@variant("ridge_loss")
def loss_with_norms(x, A, b, lam):
    return np.linalg.norm(A @ x - b) ** 2 + lam * np.linalg.norm(x) ** 2


@variant("ridge_loss")
def loss_expanded(x, A, b, lam):
    return x @ A.T @ A @ x - 2 * b @ A @ x + b @ b + lam * x @ x


@variant("ridge_loss")
def loss_in_single_precision(x, A, b, lam):
    x, A, b = (np.asarray(value, dtype=np.float32) for value in (x, A, b))
    return np.sum((A @ x - b) ** 2) + np.float32(lam) * np.sum(x**2)


@variant("ridge_gradient")
def gradient_expanded(x, A, b, lam):
    return 2 * (A.T @ A + lam * np.eye(len(x))) @ x - 2 * A.T @ b


@variant("ridge_gradient")
def gradient_with_einsum(x, A, b, lam):
    return 2 * np.einsum("ij,i->j", A, np.einsum("ij,j->i", A, x) - b) + 2 * lam * x


@variant("ridge_gradient")
def gradient_entry_by_entry(x, A, b, lam):
    grad = []
    for j in range(len(x)):
        slope = 2 * lam * x[j]
        for i in range(len(b)):
            slope += 2 * (A[i] @ x - b[i]) * A[i, j]
        grad.append(slope)
    return grad


@variant("ridge_gradient")
def gradient_of_one_large_square(x, A, b, lam):
    n = len(x)
    stacked, target = np.vstack([A, np.sqrt(lam) * np.eye(n)]), np.append(b, np.zeros(n))
    return 2 * stacked.T @ (stacked @ x - target)


@variant("ridge_gradient")
def gradient_in_single_precision(x, A, b, lam):
    x, A, b = (np.asarray(value, dtype=np.float32) for value in (x, A, b))
    return 2 * A.T @ (A @ x - b) + np.float32(2 * lam) * x


@variant("ridge_closed_form")
def closed_form_with_the_inverse(A, b, lam):
    return np.linalg.inv(A.T @ A + lam * np.identity(A.shape[1])) @ A.T @ b


@variant("ridge_closed_form")
def closed_form_as_least_squares(A, b, lam):
    n = A.shape[1]
    stacked, target = np.vstack([A, np.sqrt(lam) * np.eye(n)]), np.append(b, np.zeros(n))
    return np.linalg.lstsq(stacked, target, rcond=None)[0]


@variant("ridge_closed_form")
def closed_form_from_the_singular_values(A, b, lam):
    U, s, Vt = np.linalg.svd(A, full_matrices=False)
    return Vt.T @ (s / (s**2 + lam) * (U.T @ b))


@variant("ridge_closed_form")
def closed_form_as_a_list(A, b, lam):
    return list(np.linalg.solve(A.T @ A + np.diag([float(lam)] * A.shape[1]), A.T @ b))


@variant("ridge_descent")
def descent_with_a_list_of_losses(A, b, lam, learning_rate, n_steps):
    x, losses = np.zeros(A.shape[1]), []
    for _ in range(n_steps):
        r = A @ x - b
        losses.append(r @ r + lam * x @ x)
        x = x - learning_rate * (2 * A.T @ r + 2 * lam * x)
    return x, losses


@variant("ridge_descent")
def descent_in_place(A, b, lam, learning_rate, n_steps):
    x, losses = np.zeros(A.shape[1]), np.empty(n_steps)
    for k in range(n_steps):
        losses[k] = ridge_loss(x, A, b, lam)
        x -= learning_rate * ridge_gradient(x, A, b, lam)
    return x, losses


@variant("ridge_descent")
def descent_as_a_linear_map(A, b, lam, learning_rate, n_steps):
    n = A.shape[1]
    shrink = np.eye(n) - 2 * learning_rate * (A.T @ A + lam * np.eye(n))
    push = 2 * learning_rate * A.T @ b
    path = [np.zeros(n)]
    while len(path) <= n_steps:
        path.append(shrink @ path[-1] + push)
    return path[-1], [ridge_loss(x, A, b, lam) for x in path[:-1]]


@variant("ridge_descent")
def descent_that_returns_a_list(A, b, lam, learning_rate, n_steps):
    x, losses = np.zeros(A.shape[1]), []
    for _ in range(n_steps):
        losses += [ridge_loss(x, A, b, lam)]
        x = x - learning_rate * np.asarray(ridge_gradient(x, A, b, lam))
    return [x, losses]


# ---------------------------------------------------------------- the derivation


derivations = (
    DerivationTask(
        name="gradient",
        loss="f(x) = ‖A x − b‖² + λ ‖x‖²",
        shapes={"A": ("m", "n"), "x": ("n",), "b": ("m",), "lam": ()},
        waypoints=(
            differentiated(),
            gradient_by("x", 2.0),
            equations(),
        ),
        right={
            "by an increment": """
f(x) = ‖A x − b‖² + λ ‖x‖²
r = A x − b
f(x + h) = ‖r + A h‖² + λ‖x + h‖²
f(x + h) − f(x) = 2 rᵀ A h + ‖A h‖² + 2 λ xᵀh + λ ‖h‖²
                = 2 rᵀ A h + 2 λ xᵀ h + o(h)
                = (2 Aᵀ r + 2 λ x)ᵀ h + o(h)
∇f(x) = 2 Aᵀ (A x − b) + 2 λ x
∇f(x) = 0
⇔ Aᵀ A x + λ x = Aᵀ b
⇔ (Aᵀ A + λ I) x = Aᵀ b
""",
            "entry by entry": """
r_i = Σ_j A_ij x_j - b_i
f = Σ_i r_i^2 + λ Σ_j x_j^2
∂r_i/∂x_j = A_ij
∂f/∂x_j = Σ_i 2 r_i ∂r_i/∂x_j + 2 λ x_j
= Σ_i 2 r_i A_ij + 2 λ x_j
= 2 (A' r)_j + 2 λ x_j
∇_x f = 2 A' r + 2 λ x
∇_x f = 0
⇔ (AᵀA + λ I) x = Aᵀ b
""",
            "in LaTeX, to the normal equations": r"""
f(x) = \|Ax - b\|^2 + \lambda \|x\|^2
     = (Ax-b)^\top (Ax-b) + \lambda x^\top x
\mathrm{d}f = 2 (Ax-b)^\top A\, \mathrm{d}x + 2\lambda x^\top \mathrm{d}x
     = \left( 2 A^\top (Ax-b) + 2 \lambda x \right)^\top \mathrm{d}x
\nabla f(x) = 2 A^\top (Ax-b) + 2\lambda x
2 A^\top (Ax-b) + 2\lambda x = 0
\Leftrightarrow (A^\top A + \lambda I) x = A^\top b
\Rightarrow x^\star = (A^\top A + \lambda I)^{-1} A^\top b
""",
            "partials and conditions on one line": r"""
f(x) = \sum_i ((Ax)_i - b_i)^2 + \lambda \sum_j x_j^2
\partial f / \partial x_j = \sum_i 2 ((Ax)_i - b_i) A_{ij} + 2 \lambda x_j
= 2 (A^T (Ax - b))_j + 2 \lambda x_j
\nabla f = 2A^T(Ax-b) + 2\lambda x
\nabla f = 0 \Rightarrow A^TAx + \lambda x = A^Tb \Rightarrow (A^TA + \lambda I)x = A^Tb
""",
        },
        wrong={
            "the price is not differentiated": """
f(x) = ‖A x − b‖² + λ ‖x‖²
∇f(x) = 2 Aᵀ(A x − b) + λ x
""",
            "no transpose": """
f(x) = ‖A x − b‖² + λ ‖x‖²
∇f(x) = 2 A (A x − b) + 2 λ x
""",
            "a number added to a matrix": """
f(x) = ‖A x − b‖² + λ ‖x‖²
∇f(x) = 2 Aᵀ(A x − b) + 2 λ x
∇f(x) = 0
⇔ (AᵀA + λ) x = Aᵀ b
""",
        },
    ),
)
