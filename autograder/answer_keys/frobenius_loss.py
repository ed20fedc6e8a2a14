"""f(W) = ‖WX − Y‖_F² = Σᵢₖ (WX − Y)ᵢₖ², with gradient ∇f = 2(WX − Y)Xᵀ (the chapter's third exercise).

W is m×n, X is n×p, Y is m×p; the gradient is m×n, like W.
"""

import numpy as np

from autograder.problem_sets.derivation_key import DerivationTask, differentiated, gradient_by, moved_out
from autograder.problem_sets.key import Check, Question, Term, mistake, shortcut, variant, wrong

points = 20
points_by_hand = 5


def frobenius_loss(W, X, Y):
    residual = np.asarray(W, dtype=float) @ X - Y
    return float(np.sum(residual * residual))


def frobenius_loss_gradient(W, X, Y):
    residual = np.asarray(W, dtype=float) @ X - Y
    return 2 * residual @ np.transpose(X)


loss = frobenius_loss
gradient = frobenius_loss_gradient


def _matrices(rng, m, n, p, scale=1.0):
    W, X, Y = (rng.uniform(-2.0, 2.0, shape) for shape in ((m, n), (n, p), (m, p)))
    return {"W": scale * W, "X": X, "Y": scale * Y}


def instances(rng, scale=1.0):
    """Three instances in which m, n and p all differ, so that no wrong product has a legal shape.

    W and Y carry the scale and X does not: WX and Y stay of one size, and no mistake about either
    is lost in rounding. None of p, m·p, m·n is 2 or 4, where a mean looks like a factor.
    """
    return [_matrices(rng, *sizes, scale) for sizes in ((3, 5, 7), (5, 3, 6), (7, 6, 3))]


def _far(rng):
    return instances(rng, 1e6)[:2] + instances(rng, 1e-6)[:2]


def _whole_numbers(rng, *shape):
    return rng.integers(-4, 5, shape)


def _whole(rng):
    """Whole numbers in W and X but not in Y.

    What is stored in an array of whole numbers loses its fraction, and a fraction cannot be subtracted
    from one in place.
    """
    return [
        {
            "W": _whole_numbers(rng, m, n),
            "X": _whole_numbers(rng, n, p),
            "Y": rng.integers(-40, 41, (m, p)) / 8,
        }
        for m, n, p in ((3, 5, 6), (5, 3, 7))
    ]


def _one_column(rng):
    return [_matrices(rng, 3, 5, 1), _matrices(rng, 5, 3, 1)]


def _perfect(rng):
    """Whole numbers, kept as floats, so that the residual is 0 exactly in every way of computing it."""
    made = []
    for m, n, p in ((3, 5, 7), (5, 3, 6)):
        W, X = 1.0 * _whole_numbers(rng, m, n), 1.0 * _whole_numbers(rng, n, p)
        made.append({"W": W, "X": X, "Y": W @ X})
    return made


questions = (
    Question(
        frobenius_loss,
        (
            Check("ordinary matrices", "matrices with m, n and p all different", 3, instances),
            Check("whole numbers", "whole numbers in W and X and fractions in Y", 1, _whole),
            Check(
                "very large and very small", "numbers near a million and a millionth", 1, _far, scales=True
            ),
            Check("a single column", "X and Y with only one column", 1, _one_column),
        ),
    ),
    Question(
        frobenius_loss_gradient,
        (
            Check("ordinary matrices", "matrices with m, n and p all different", 4, instances, harness=True),
            Check("whole numbers", "whole numbers in W and X and fractions in Y", 1, _whole),
            Check(
                "very large and very small", "numbers near a million and a millionth", 1, _far, scales=True
            ),
            Check("a single column", "X and Y with only one column", 1, _one_column),
            Check("a perfect fit", "a W for which WX equals Y", 1, _perfect),
        ),
        differentiates=frobenius_loss,
    ),
)

terms = {
    "frobenius_loss": (
        Term("‖WX‖²", lambda W, X, Y: np.sum((W @ X) ** 2)),
        Term("⟨WX, Y⟩", lambda W, X, Y: np.sum((W @ X) * Y)),
        Term("‖Y‖²", lambda W, X, Y: np.sum(Y * 1.0 * Y)),
    ),
    "frobenius_loss_gradient": (
        Term("WXXᵀ", lambda W, X, Y: W @ X @ X.T),
        Term("YXᵀ", lambda W, X, Y: Y @ X.T),
    ),
}

equivalent = {
    ("frobenius_loss", "residual = Y - np.asarray(W, dtype=float) @ X"): "(Y − WX)² = (WX − Y)²",
}


# ---------------------------------------------------------------- wrong answers


@mistake("frobenius_loss")
def took_the_root(W, X, Y):
    """You computed ‖WX − Y‖_F, the root of the sum. The loss is its square: no root."""
    return np.linalg.norm(W @ X - Y)


@mistake("frobenius_loss")
def took_the_mean(W, X, Y):
    """You averaged the squares over all entries. The Frobenius norm adds them up."""
    return np.mean((W @ X - Y) ** 2)


@mistake("frobenius_loss")
def averaged_over_the_columns(W, X, Y):
    """You divided by p, the number of columns. This loss is a sum over all of them."""
    return np.sum((W @ X - Y) ** 2) / X.shape[1]


halved_the_sum = wrong(
    "frobenius_loss", "0.5 * np.sum((W @ X - Y) ** 2)", "You have ½ in front. This loss has none."
)


@mistake("frobenius_loss")
def squared_the_sum(W, X, Y):
    """You squared the sum of the residuals. Square each entry first, then add."""
    return np.sum(W @ X - Y) ** 2


@mistake("frobenius_loss")
def added_absolute_values(W, X, Y):
    """You added absolute values. The Frobenius norm adds squares."""
    return np.sum(np.abs(W @ X - Y))


@mistake("frobenius_loss")
def used_the_spectral_norm(W, X, Y):
    """np.linalg.norm(R, 2) is the largest singular value. The Frobenius norm counts every entry."""
    return np.linalg.norm(W @ X - Y, 2) ** 2


@mistake("frobenius_loss")
def kept_one_loss_a_column(W, X, Y):
    """You summed over the rows only and returned one loss for each column. Add those too."""
    return np.sum((W @ X - Y) ** 2, axis=0)


@mistake("frobenius_loss")
def returned_the_squares(W, X, Y):
    """You returned the matrix of squares. Add them up: a loss is one number."""
    return (W @ X - Y) ** 2


@mistake("frobenius_loss")
def forgot_the_trace(W, X, Y):
    """You returned the whole matrix RᵀR. The loss is its trace, the sum along the diagonal."""
    residual = W @ X - Y
    return residual.T @ residual


@mistake("frobenius_loss")
def summed_the_gram_matrix(W, X, Y):
    """You added all entries of RᵀR. Only its diagonal holds squares: take the trace."""
    residual = W @ X - Y
    return np.sum(residual.T @ residual)


forgot_the_target = wrong(
    "frobenius_loss", "np.sum((W @ X) ** 2)", "You computed ‖WX‖². Subtract Y before you square."
)
added_the_target = wrong(
    "frobenius_loss", "np.sum((W @ X + Y) ** 2)", "You added Y to WX. The residual is the difference WX − Y."
)


@mistake("frobenius_loss")
def subtracted_the_squares(W, X, Y):
    """You squared WX and Y apart and subtracted. Subtract first, then square the difference."""
    return np.sum((W @ X) ** 2 - Y**2)


@mistake("frobenius_loss", shows="X @ W")
def swapped_the_factors(W, X, Y):
    """You multiplied X by W. W is m×n and X is n×p, so only the order WX has matching inner sizes."""
    return np.sum((X @ W - Y) ** 2)


@mistake("frobenius_loss", shows="squeeze()")
def squeezed_the_target(W, X, Y):
    """With one column, squeeze makes Y flat, and (m, 1) minus (m,) becomes an m×m matrix. Keep both axes."""
    return np.sum((W @ X - np.squeeze(Y)) ** 2)


@mistake("frobenius_loss", shows="-=")
def subtracted_in_place(W, X, Y):
    """W @ X holds whole numbers when W and X do, and -= cannot put fractions there. Write WX - Y."""
    residual = W @ X
    residual -= Y
    return np.sum(residual**2)


@mistake("frobenius_loss", shows="Y -=")
def overwrote_the_target(W, X, Y):
    """Y -= W @ X changes Y itself. Give the difference a name of its own."""
    Y -= W @ X
    return np.sum(Y**2)


@mistake("frobenius_loss", shows="rounds")
def rounded_the_answer(W, X, Y):
    """You rounded the answer, so small losses are lost. Return the number as it is."""
    return round(float(np.sum((W @ X - Y) ** 2)), 8)


@mistake("frobenius_loss")
def added_five_rows(W, X, Y):
    """Only the first five rows are added. Do not write a number of rows in: np.sum takes them all."""
    residual = np.asarray(W, dtype=float) @ X - Y
    return np.sum(residual[:5] ** 2)


@mistake("frobenius_loss_gradient")
def forgot_the_factor_two(W, X, Y):
    """The derivative of a square brings down a 2. Yours is missing."""
    return (W @ X - Y) @ X.T


@mistake("frobenius_loss_gradient")
def pointed_downhill(W, X, Y):
    """You have (Y − WX) in front of Xᵀ. That points downhill; the gradient has WX − Y."""
    return 2 * (Y - W @ X) @ X.T


@mistake("frobenius_loss_gradient")
def forgot_the_inner_derivative(W, X, Y):
    """You stopped at 2(WX − Y). The chain rule adds the inner derivative, a product with Xᵀ."""
    return 2.0 * (W @ X - Y)


@mistake("frobenius_loss_gradient")
def turned_it_over(W, X, Y):
    """You have the transpose, n×m. The gradient has the shape of W: the residual stands first."""
    return 2 * X @ (W @ X - Y).T


@mistake("frobenius_loss_gradient", shows="flattens")
def turned_it_over_and_reshaped(W, X, Y):
    """You reshaped an n×m result to make it fit. That scrambles the entries: multiply in the other order."""
    return (2.0 * X @ (W @ X - Y).T).reshape(W.shape)


@mistake("frobenius_loss_gradient", shows="difference @ X")
def forgot_to_transpose(W, X, Y):
    """You multiplied the residual (m×p) by X (n×p). The inner sizes fit only with Xᵀ."""
    return 2 * (W @ X - Y) @ X


@mistake("frobenius_loss_gradient", shows="X.T @ difference")
def transposed_on_the_left(W, X, Y):
    """You put Xᵀ on the left, as for ‖Ax − b‖². Here X stands to the right of W, and so does Xᵀ."""
    return 2 * X.T @ (W @ X - Y)


@mistake("frobenius_loss_gradient")
def divided_by_the_columns(W, X, Y):
    """You divided by p, the number of columns. The loss is a sum over columns, not a mean."""
    return 2 * (W @ X - Y) @ X.T / X.shape[1]


@mistake("frobenius_loss_gradient")
def averaged_over_all_entries(W, X, Y):
    """You divided by m·p, as for a mean of squares. The loss is their sum."""
    return 2 * (W @ X - Y) @ X.T / Y.size


@mistake("frobenius_loss_gradient")
def differentiated_by_the_input(W, X, Y):
    """You have 2Wᵀ(WX − Y), the gradient with respect to X. Here W moves and X stays fixed."""
    return 2 * W.T @ (W @ X - Y)


@mistake("frobenius_loss_gradient")
def differentiated_by_the_target(W, X, Y):
    """You have −2(WX − Y), the gradient with respect to Y. Here W moves and Y stays fixed."""
    return -2.0 * (W @ X - Y)


@mistake("frobenius_loss_gradient")
def differentiated_the_norm(W, X, Y):
    """You differentiated ‖WX − Y‖, without the square: that divides by the norm. Here nothing is divided."""
    residual = W @ X - Y
    return residual @ X.T / np.linalg.norm(residual)


@mistake("frobenius_loss_gradient", shows="norm() | sqrt()")
def went_through_the_norm(W, X, Y):
    """You divide by the norm and multiply by it again. At a perfect fit that is 0/0: cancel it on paper."""
    residual = W @ X - Y
    size = np.linalg.norm(residual)
    return 2 * size * (residual / size) @ X.T


@mistake("frobenius_loss_gradient")
def lost_the_target(W, X, Y):
    """You have 2WXXᵀ. The residual is WX − Y, so Y belongs in the gradient."""
    return 2.0 * W @ X @ X.T


@mistake("frobenius_loss_gradient")
def took_the_sum_for_the_residual(W, X, Y):
    """You added Y to WX. The residual is the difference WX − Y."""
    return 2 * (W @ X + Y) @ X.T


@mistake("frobenius_loss_gradient")
def kept_the_mixed_term_only(W, X, Y):
    """You have −2YXᵀ, so W has disappeared. The part of the loss that is quadratic in W counts too."""
    return -2.0 * Y @ X.T


@mistake("frobenius_loss_gradient")
def halved_the_mixed_term(W, X, Y):
    """You have 2WXXᵀ − YXᵀ. Expanding the square gives the mixed term twice: −2YXᵀ."""
    return 2 * W @ X @ X.T - Y @ X.T


@mistake("frobenius_loss_gradient")
def halved_the_quadratic_term(W, X, Y):
    """You have WXXᵀ − 2YXᵀ. W stands twice in the quadratic term, so its derivative is 2WXXᵀ."""
    return W @ X @ X.T - 2 * Y @ X.T


@mistake("frobenius_loss_gradient")
def kept_the_square(W, X, Y):
    """You left the residual squared. Differentiating lowers the power by one."""
    return 2 * (W @ X - Y) ** 2 @ X.T


@mistake("frobenius_loss_gradient")
def differentiated_absolute_values(W, X, Y):
    """You used the sign of the residual, as for absolute values. A square keeps its size: 2(WX − Y)."""
    return 2 * np.sign(W @ X - Y) @ X.T


@mistake("frobenius_loss_gradient")
def summed_before_multiplying(W, X, Y):
    """You summed over the columns, then multiplied. Multiply column by column first, then add."""
    return 2.0 * np.outer((W @ X - Y).sum(axis=1), X.sum(axis=1))


@mistake("frobenius_loss_gradient")
def flattened_the_gradient(W, X, Y):
    """You returned a flat vector of m·n numbers. The gradient has the shape of W: m×n."""
    return (2.0 * (W @ X - Y) @ X.T).ravel()


@mistake("frobenius_loss_gradient")
def added_the_coordinates(W, X, Y):
    """You added all partial derivatives up. A gradient keeps one number for each entry of W."""
    return np.sum(2.0 * (W @ X - Y) @ X.T)


@mistake("frobenius_loss_gradient", shows="loop")
def left_out_the_last_column(W, X, Y):
    """The last column of X is missing. A loop over range(X.shape[1] - 1) stops too early."""
    grad = np.zeros(W.shape)
    for k in range(X.shape[1] - 1):
        grad += 2 * np.outer(W @ X[:, k] - Y[:, k], X[:, k])
    return grad


@mistake("frobenius_loss_gradient", shows="overwrites in a loop")
def kept_the_last_column_only(W, X, Y):
    """Each turn of your loop overwrites the one before, so only the last column counts. Use +=."""
    for k in range(X.shape[1]):
        grad = 2.0 * np.outer(W @ X[:, k] - Y[:, k], X[:, k])
    return grad


@mistake("frobenius_loss_gradient", shows="made like")
def stored_as_whole_numbers(W, X, Y):
    """With whole numbers in W, an array made like W cuts off fractions. Use np.zeros(W.shape)."""
    residual = W @ X - Y
    grad = np.zeros_like(W)
    for i in range(W.shape[0]):
        for j in range(W.shape[1]):
            grad[i, j] = 2 * residual[i] @ X[j]
    return grad


@mistake("frobenius_loss_gradient", shows="squeeze()")
def squeezed_the_residual(W, X, Y):
    """With one column, squeeze makes the residual flat, and the product with Xᵀ fails. Keep both axes."""
    return 2 * np.squeeze(W @ X - Y) @ X.T


@mistake("frobenius_loss_gradient", shows="Y -=")
def subtracted_into_the_target(W, X, Y):
    """Y -= W @ X changes Y itself. Give the difference a name of its own."""
    Y -= W @ X
    return -2.0 * Y @ X.T


@mistake("frobenius_loss_gradient", shows="rounds")
def rounded_the_gradient(W, X, Y):
    """You rounded the entries, so a small gradient becomes 0. Return the numbers as they are."""
    return np.round(2 * (W @ X - Y) @ X.T, 11)


@mistake("frobenius_loss_gradient")
def stepped_with_a_fixed_step(W, X, Y):
    """This is a difference quotient, and rounding spoils it for large numbers. Return the formula."""
    W = np.asarray(W, dtype=float)
    grad = np.zeros(W.shape)
    for i in np.ndindex(W.shape):
        ahead, behind = W.copy(), W.copy()
        ahead[i] += 1e-5
        behind[i] -= 1e-5
        grad[i] = (np.sum((ahead @ X - Y) ** 2) - np.sum((behind @ X - Y) ** 2)) / 2e-5
    return grad


@mistake("frobenius_loss_gradient")
def kept_five_rows(W, X, Y):
    """Your gradient has five rows at most. It has as many as W: do not write the number in."""
    return 2 * (np.asarray(W, dtype=float) @ X - Y)[:5] @ np.transpose(X)


@shortcut("frobenius_loss_gradient")
def took_an_imaginary_step(W, X, Y):
    grad = np.zeros(W.shape)
    for i in np.ndindex(W.shape):
        step = np.zeros(W.shape, dtype=complex)
        step[i] = 1e-20j
        grad[i] = np.imag(np.sum(((W + step) @ X - Y) ** 2)) / 1e-20
    return grad


# ---------------------------------------------------------------- right answers


@variant("frobenius_loss")
def summed_in_loops(W, X, Y):
    total = 0.0
    for i in range(Y.shape[0]):
        for k in range(Y.shape[1]):
            predicted = sum(W[i, j] * X[j, k] for j in range(W.shape[1]))
            total += (predicted - Y[i, k]) ** 2
    return total


@variant("frobenius_loss")
def column_by_column(W, X, Y):
    return sum(np.linalg.norm(W @ X[:, k] - Y[:, k]) ** 2 for k in range(X.shape[1]))


@variant("frobenius_loss")
def with_einsum(W, X, Y):
    residual = np.einsum("ij,jk->ik", W, X) - Y
    return np.einsum("ik,ik->", residual, residual)


@variant("frobenius_loss")
def as_a_trace(W, X, Y):
    residual = W @ X - Y
    return np.trace(residual.T @ residual)


@variant("frobenius_loss")
def from_the_norm(W, X, Y):
    return np.linalg.norm(W @ X - Y, "fro") ** 2


@variant("frobenius_loss")
def as_an_expanded_trace(W, X, Y):
    fit = W @ X
    return np.trace(fit @ fit.T) - 2 * np.trace(Y @ fit.T) + np.trace(Y @ Y.T)


@variant("frobenius_loss")
def in_single_precision(W, X, Y):
    residual = W.astype(np.float32) @ X.astype(np.float32) - Y.astype(np.float32)
    return np.sum(residual**2)


@variant("frobenius_loss_gradient")
def entry_by_entry(W, X, Y):
    residual = W @ X - Y
    grad = np.zeros(W.shape)
    for i in range(W.shape[0]):
        for j in range(W.shape[1]):
            grad[i, j] = 2 * residual[i] @ X[j]
    return grad


@variant("frobenius_loss_gradient")
def as_a_sum_of_outer_products(W, X, Y):
    grad = np.zeros(W.shape)
    for k in range(X.shape[1]):
        grad += 2 * np.outer(W @ X[:, k] - Y[:, k], X[:, k])
    return grad


@variant("frobenius_loss_gradient")
def gradient_with_einsum(W, X, Y):
    return 2 * np.einsum("ik,jk->ij", W @ X - Y, X)


@variant("frobenius_loss_gradient")
def expanded(W, X, Y):
    return 2 * W @ (X @ X.T) - 2 * Y @ X.T


@variant("frobenius_loss_gradient")
def transposed_twice(W, X, Y):
    return (2 * X @ (W @ X - Y).T).T


@variant("frobenius_loss_gradient")
def as_lists(W, X, Y):
    return (2 * (W @ X - Y) @ X.T).tolist()


@variant("frobenius_loss_gradient")
def through_the_flattened_problem(W, X, Y):
    jacobian = np.kron(np.eye(W.shape[0]), X.T)
    return (2 * jacobian.T @ (jacobian @ W.ravel() - Y.ravel())).reshape(W.shape)


@variant("frobenius_loss_gradient")
def gradient_in_single_precision(W, X, Y):
    residual = W.astype(np.float32) @ X.astype(np.float32) - Y.astype(np.float32)
    return 2 * residual @ X.astype(np.float32).T


# ---------------------------------------------------------------- the derivation


derivations = (
    DerivationTask(
        name="derivation",
        loss="f(W) = ‖W X − Y‖²",
        shapes={"W": ("m", "n"), "X": ("n", "p"), "Y": ("m", "p")},
        waypoints=(
            differentiated(),
            moved_out(),
            gradient_by("W", 2.0),
        ),
        right={
            "differentials": """
f(W)  = ‖W X − Y‖²
      = tr((W X − Y)ᵀ (W X − Y))
df    = tr((dW X)ᵀ (W X − Y)) + tr((W X − Y)ᵀ dW X)
      = 2 tr((W X − Y)ᵀ dW X)
      = 2 tr(X (W X − Y)ᵀ dW)
      = tr((2 (W X − Y) Xᵀ)ᵀ dW)
∇f(W) = 2 (W X − Y) Xᵀ
""",
            "entry by entry": """
R_{ik} = Σ_j W_{ij} X_{jk} − Y_{ik}
f = Σ_{i,k} R_{ik}²
∂R_{ik}/∂W_{ab} = δ_{ia} X_{bk}
∂f/∂W_{ab} = Σ_{i,k} 2 R_{ik} ∂R_{ik}/∂W_{ab}      # chain rule
           = Σ_{i,k} 2 R_{ik} δ_{ia} X_{bk}
           = 2 Σ_k R_{ak} X_{bk}
           = 2 (R Xᵀ)_{ab}
∇_W f = 2 (W X − Y) Xᵀ
""",
            "an increment H": """
R = W X − Y
f(W) = ‖R‖_F²
f(W + H) = ‖R + H X‖_F²
         = ‖R‖_F² + 2 tr(Rᵀ H X) + ‖H X‖_F²
f(W + H) − f(W) = 2 tr(Rᵀ H X) + O(‖H‖²)
                = tr((2 R Xᵀ)ᵀ H) + O(‖H‖²)
∇f(W) = 2 R Xᵀ
""",
            "inner product of matrices": """
f(W) = ⟨W X − Y, W X − Y⟩
df = 2 ⟨W X − Y, dW X⟩
   = 2 ⟨(W X − Y) Xᵀ, dW⟩
∇f(W) = 2 (W X − Y) Xᵀ
""",
            "the colon product": """
R = W X - Y
f = R : R
df = 2 R : dR
   = 2 R : dW X
   = 2 R X' : dW
df/dW = 2 R X'
""",
            "vec and Kronecker product": """
r = vec(W X − Y)
  = (Xᵀ ⊗ I) vec(W) − vec(Y)
f = rᵀ r
df = 2 rᵀ dr
   = 2 rᵀ (Xᵀ ⊗ I) vec(dW)
   = 2 ((X ⊗ I) r)ᵀ vec(dW)
   = 2 vec((W X − Y) Xᵀ)ᵀ vec(dW)
∇_W f = 2 (W X − Y) Xᵀ
""",
            "in ASCII without spaces": """
f(W) = ||WX-Y||_F^2
= tr((WX-Y)'(WX-Y))
= tr(X'W'WX) - 2tr(Y'WX) + tr(Y'Y)
df = tr(X'dW'WX) + tr(X'W'dWX) - 2tr(Y'dWX)
= 2tr(X'W'dWX) - 2tr(Y'dWX)
= 2tr((XX'W' - XY')dW)
grad f = 2(WXX' - YX')
= 2(WX-Y)X'
""",
            "with words before and after": r"""
Let R = WX - Y.
f(W) = ||R||_F^2 = tr(R^T R)
df = tr(dR^T R + R^T dR) = 2 tr(R^T dR)
where dR = dW X
so df = 2 tr(R^T dW X) = 2 tr(X R^T dW)
Hence \nabla f(W) = 2 R X^T.
""",
            "roman d and brackets": r"""
f(W) = \operatorname{tr}\left[(WX-Y)(WX-Y)^{\top}\right]
\mathrm{d} f = \operatorname{tr}\left[\mathrm{d}W X (WX-Y)^{\top} + (WX-Y) X^{\top} \mathrm{d}W^{\top}\right]
= 2\operatorname{tr}\left[ X (WX-Y)^{\top} \mathrm{d}W\right]
\Rightarrow \frac{\partial f}{\partial W} = 2 (WX-Y)X^{\top}
""",
            "indices without braces": """
f(W) = Σ_ik ((WX)_ik − Y_ik)²
∂f/∂W_ab = Σ_ik 2((WX)_ik − Y_ik) ∂(WX)_ik/∂W_ab
∂(WX)_ik/∂W_ab = δ_ia X_bk
∂f/∂W_ab = 2 Σ_k ((WX)_ak − Y_ak) X_bk = 2 [(WX − Y)Xᵀ]_ab
∇f(W) = 2(WX − Y)Xᵀ
""",
        },
        wrong={
            "transposes X too early": """
R = W X − Y
f = ‖R‖²
df = 2 tr(Rᵀ dW X)
 = 2 tr(Xᵀ Rᵀ dW)
∇_W f = 2 R Xᵀ
""",
            "order of the factors": """
f(W) = ‖W X − Y‖²
df = 2 tr((W X − Y)ᵀ dW X)
∇f(W) = 2 Xᵀ (W X − Y)
""",
            "one of two mixed terms": """
R = W X − Y
f(W) = ‖R‖²
f(W + H) − f(W) = tr(Rᵀ H X) + ‖H X‖²
∇f(W) = 2 R Xᵀ
""",
        },
    ),
)
