"""Linear regression: ‖Xw − y‖²/n, its gradient (2/n)Xᵀ(Xw − y), its minimum, and the way there.

X has a row for each of n examples and a column for each of d features. Descent from w = 0 converges
exactly when its step is below n/σ_max(X)², since a step multiplies the error along a right
singular vector of X by 1 − 2·step·σ²/n.
"""

import numpy as np

from autograder.problem_sets.derivation_key import DerivationTask, differentiated, equations, gradient_by
from autograder.problem_sets.key import Check, Question, Term, mistake, patched, shortcut, variant, wrong

points = 30
points_by_hand = 7.5


def mean_squared_error(w, X, y):
    r = X @ w - y
    return float(r @ r) / len(y)


def mean_squared_error_gradient(w, X, y):
    return 2.0 / len(y) * (X.T @ (X @ w - y))


def closed_form(X, y):
    return np.linalg.solve(X.T @ X, X.T @ y)


def gradient_descent(X, y, learning_rate, n_steps):
    w = np.zeros(X.shape[1])
    losses = []
    for _ in range(n_steps):
        losses.append(mean_squared_error(w, X, y))
        w = w - learning_rate * mean_squared_error_gradient(w, X, y)
    return w, np.array(losses)


loss = mean_squared_error
gradient = mean_squared_error_gradient


def _instance(rng, n, d, n_steps, scale=1.0):
    """A problem whose Xw and y are of one size, and a step at 0.3 to 0.6 of the bound."""
    X = rng.uniform(0.5, 2.0, (n, d)) * rng.choice([-1, 1], (n, d))
    return {
        "w": scale * rng.uniform(0.5, 2.0, d) * rng.choice([-1, 1], d),
        "X": X,
        "y": scale * rng.uniform(1.0, 4.0, n) * rng.choice([-1, 1], n),
        "learning_rate": float(rng.uniform(0.3, 0.6) * n / np.linalg.norm(X, 2) ** 2),
        "n_steps": n_steps,
    }


def instances(rng, scale=1.0):
    """Tall X of three shapes, and too few steps to converge. scale multiplies w and y, not X."""
    return [_instance(rng, *sizes, scale) for sizes in ((7, 3, 5), (9, 5, 6), (12, 7, 3))]


def _far(rng):
    return instances(rng, 1e6)[:2] + instances(rng, 1e-6)[:2]


def _few_steps(rng):
    return [_instance(rng, 6, 3, 1), _instance(rng, 8, 5, 2)]


def _and_long(rng):
    """Ordinary problems, two with steps far past where the loss stops falling, and one whose losses grow."""
    long = [_instance(rng, 20, 3, 1100), _instance(rng, 30, 5, 80)]
    growing = _instance(rng, 8, 3, 5)
    rate = float(rng.uniform(5.0, 6.0) * growing["learning_rate"])
    return [*instances(rng), *long, {**growing, "learning_rate": rate}]


def _whole(rng):
    """X, and y or w, hold whole numbers: what is stored in an array made like them loses its fraction.

    Neither the loss nor an entry of the gradient is whole.
    """

    def whole(*shape):
        return rng.integers(1, 6, shape) * rng.choice([-1, 1], shape)

    while True:
        w, X, y = whole(3), whole(7, 3), whole(7)
        r = X @ w - y
        if r @ r % 7 and all(2 * X.T @ r % 7):
            break
    rate = float(rng.uniform(0.3, 0.6) * 7 / np.linalg.norm(X, 2) ** 2)
    return [{"w": w, "X": X, "y": y, "learning_rate": rate, "n_steps": 5}]


def _unlike(rng):
    """Columns of unlike size: XᵀX has the square of X's condition number. Then small ones, all of them."""
    made, small = _instance(rng, 9, 3, 3), _instance(rng, 9, 3, 3)
    return [
        {"X": made["X"] * np.array([1.0, 30.0, 900.0]), "y": made["y"]},
        {"X": small["X"] * 1e-4, "y": small["y"]},
    ]


_ORDINARY = Check("ordinary problems", "matrices of 7×3, 9×5 and 12×7 numbers", 3, instances)
_WHOLE = Check("whole numbers", "X, w and y of whole numbers", 1, _whole)
_FAR = Check("very large and very small", "numbers near a million and a millionth", 1, _far, scales=True)

questions = (
    Question(mean_squared_error, (_ORDINARY, _WHOLE, _FAR)),
    Question(
        mean_squared_error_gradient,
        (
            Check("ordinary problems", "matrices of 7×3, 9×5 and 12×7 numbers", 3, instances, harness=True),
            _WHOLE,
            _FAR,
        ),
        differentiates=mean_squared_error,
    ),
    Question(
        closed_form,
        (
            _ORDINARY,
            _WHOLE,
            _FAR,
            Check(
                "columns of unlike size", "columns 1, 30 and 900 times as large, and tiny ones", 1, _unlike
            ),
        ),
    ),
    Question(
        gradient_descent,
        (
            Check(
                "ordinary problems",
                "six problems, with 3 to 1,100 steps, in one with too large a rate",
                4,
                _and_long,
            ),
            _WHOLE,
            Check("few steps", "one step, and two", 1, _few_steps),
        ),
    ),
)

terms = {
    "mean_squared_error": (
        Term("‖Xw‖²", lambda w, X, y: np.mean((X @ w) ** 2), over="n"),
        Term("yᵀXw", lambda w, X, y: np.mean(y * (X @ w)), over="n"),
        Term("‖y‖²", lambda w, X, y: np.mean(y * 1.0 * y), over="n"),
    ),
    "mean_squared_error_gradient": (
        Term("XᵀXw", lambda w, X, y: X.T @ (X @ w) / len(y), over="n"),
        Term("Xᵀy", lambda w, X, y: X.T @ y / len(y), over="n"),
    ),
}

equivalent = {
    ("mean_squared_error", "r = y - X @ w"): "(y − Xw)² = (Xw − y)²",
    ("gradient_descent", "w = np.zeros(X.shape[-1])"): "X.shape[-1] is X.shape[1]: X has two axes",
}


# ---------------------------------------------------------------- wrong answers: the loss


@mistake("mean_squared_error")
def added_the_squares(w, X, y):
    """You added the squares without dividing by n. The mean divides by the number of examples."""
    return np.sum((X @ w - y) ** 2)


halved_the_mean = wrong(
    "mean_squared_error", "0.5 * np.mean((X @ w - y) ** 2)", "You have ½ in front. This loss has none."
)


@mistake("mean_squared_error")
def divided_by_the_features(w, X, y):
    """You divided by d, the number of features. The mean is over the n examples."""
    return np.sum((X @ w - y) ** 2) / len(w)


@mistake("mean_squared_error")
def divided_by_one_less(w, X, y):
    """You divided by n − 1, as for a variance. This mean divides by n."""
    return np.sum((X @ w - y) ** 2) / (len(y) - 1)


@mistake("mean_squared_error")
def divided_by_all_entries(w, X, y):
    """You divided by n·d, the size of X. There are n residuals."""
    return np.sum((X @ w - y) ** 2) / X.size


@mistake("mean_squared_error")
def took_the_root_of_the_mean(w, X, y):
    """You took a root at the end. The mean squared error has none."""
    return np.sqrt(np.mean((X @ w - y) ** 2))


@mistake("mean_squared_error")
def averaged_absolute_values(w, X, y):
    """You averaged absolute values. The mean is of squares."""
    return np.mean(np.abs(X @ w - y))


@mistake("mean_squared_error")
def squared_the_mean(w, X, y):
    """You squared the mean of the residuals. Square each one first, then take the mean."""
    return np.mean(X @ w - y) ** 2


@mistake("mean_squared_error")
def returned_all_squares(w, X, y):
    """You returned the n squares. Take their mean: a loss is one number."""
    return (X @ w - y) ** 2


added_the_target = wrong(
    "mean_squared_error", "np.mean((X @ w + y) ** 2)", "You added y to Xw. The residual is the difference."
)
forgot_the_target = wrong(
    "mean_squared_error", "np.mean((X @ w) ** 2)", "You left y out. The residual is Xw − y."
)


@mistake("mean_squared_error")
def made_y_a_column(w, X, y):
    """(n,) minus (n, 1) is an n×n matrix. Keep Xw and y flat, both of them."""
    return np.mean((X @ w - y.reshape(-1, 1)) ** 2)


@mistake("mean_squared_error", shows="X.T @ w")
def transposed_the_examples(w, X, y):
    """You have Xᵀw, whose sizes do not fit. X has one column for each weight: Xw."""
    return np.mean((X.T @ w - y) ** 2)


@mistake("mean_squared_error", shows="rounds")
def rounded_the_mean(w, X, y):
    """You rounded the answer, so small losses are lost. Return the number as it is."""
    return round(float(np.mean((X @ w - y) ** 2)), 9)


@mistake("mean_squared_error")
def divided_whole_numbers(w, X, y):
    """// cuts the fraction of the mean off. Divide with /."""
    return np.sum((X @ w - y) ** 2) // len(y)


@mistake("mean_squared_error")
def averaged_ten_examples(w, X, y):
    """You average the first ten examples only. Do not write a number in: X may have more rows."""
    r = (X @ w - y)[:10]
    return float(r @ r) / len(r)


@mistake("mean_squared_error", shows="/=")
def divided_in_place(w, X, y):
    """An array of whole numbers cannot be divided in place. Write r = r / np.sqrt(n): a new array."""
    r = X @ w - y
    r /= np.sqrt(len(y))
    return float(r @ r)


# ---------------------------------------------------------------- wrong answers: the gradient


@mistake("mean_squared_error_gradient")
def forgot_the_two(w, X, y):
    """The factor 2 is missing: differentiating a square brings it down."""
    return X.T @ (X @ w - y) / len(y)


@mistake("mean_squared_error_gradient")
def forgot_the_mean(w, X, y):
    """You did not divide by n. The loss is a mean, so its gradient is one too."""
    return 2.0 * X.T @ (X @ w - y)


@mistake("mean_squared_error_gradient")
def forgot_both_factors(w, X, y):
    """You have Xᵀ(Xw − y). The factor 2/n in front is missing."""
    return 1.0 * X.T @ (X @ w - y)


@mistake("mean_squared_error_gradient")
def divided_the_gradient_by_the_features(w, X, y):
    """You divided by d, the number of features. The mean is over the n examples."""
    return 2 * X.T @ (X @ w - y) / len(w)


@mistake("mean_squared_error_gradient")
def pointed_downhill(w, X, y):
    """You have y − Xw in it. That points downhill; the gradient has Xw − y."""
    return 2 * X.T @ (y - X @ w) / len(y)


@mistake("mean_squared_error_gradient")
def forgot_the_inner_derivative(w, X, y):
    """You stopped at (2/n)(Xw − y), which has n numbers. The chain rule adds a product with Xᵀ."""
    return 2 * (X @ w - y) / len(y)


@mistake("mean_squared_error_gradient", shows="X @ difference")
def forgot_to_transpose(w, X, y):
    """You multiplied the residual by X. The sizes fit only with Xᵀ."""
    return 2 * X @ (X @ w - y) / len(y)


@mistake("mean_squared_error_gradient")
def lost_the_target(w, X, y):
    """You have (2/n)XᵀXw. The residual is Xw − y, so y belongs in the gradient."""
    return 2 * X.T @ (X @ w) / len(y)


@mistake("mean_squared_error_gradient")
def kept_the_target_only(w, X, y):
    """You have −(2/n)Xᵀy, so w has disappeared. The part that is quadratic in w counts too."""
    return -2 * X.T @ y / len(y)


@mistake("mean_squared_error_gradient")
def halved_the_mixed_part(w, X, y):
    """You have (1/n)(2XᵀXw − Xᵀy). Expanding the square gives the mixed term twice: −2Xᵀy."""
    return (2 * X.T @ (X @ w) - X.T @ y) / len(y)


@mistake("mean_squared_error_gradient")
def halved_the_quadratic_part(w, X, y):
    """You have (1/n)(XᵀXw − 2Xᵀy). w stands twice in the quadratic term: 2XᵀXw."""
    return (X.T @ (X @ w) - 2 * X.T @ y) / len(y)


@mistake("mean_squared_error_gradient")
def added_y(w, X, y):
    """You added y to Xw. The residual is the difference."""
    return 2 * X.T @ (X @ w + y) / len(y)


@mistake("mean_squared_error_gradient")
def kept_the_squares(w, X, y):
    """You left the residuals squared. Differentiating lowers the power by one."""
    return 2 * X.T @ (X @ w - y) ** 2 / len(y)


@mistake("mean_squared_error_gradient")
def took_signs(w, X, y):
    """You used the sign of the residuals, as for absolute values. A square keeps their size."""
    return 2 * X.T @ np.sign(X @ w - y) / len(y)


@mistake("mean_squared_error_gradient")
def differentiated_the_root(w, X, y):
    """You differentiated ‖Xw − y‖, without the square: that divides by the norm. Here nothing is but n."""
    r = X @ w - y
    return X.T @ r / np.linalg.norm(r)


@mistake("mean_squared_error_gradient")
def averaged_over_features(w, X, y):
    """You took a mean of the whole product. Only the examples are averaged: one number a weight remains."""
    return np.mean(2 * X.T @ (X @ w - y))


@mistake("mean_squared_error_gradient", shows="made like")
def stored_like_the_weights(w, X, y):
    """An array made like w holds whole numbers when w does, and cuts fractions off. Use np.zeros(len(w))."""
    grad = np.zeros_like(w)
    grad[:] = 2 * X.T @ (X @ w - y) / len(y)
    return grad


@mistake("mean_squared_error_gradient", shows="rounds")
def rounded_the_gradient(w, X, y):
    """You rounded the entries, so small ones lose digits. Return the numbers as they are."""
    return np.round(2 * X.T @ (X @ w - y) / len(y), 10)


@mistake("mean_squared_error_gradient")
def used_ten_examples(w, X, y):
    """You use the first ten rows of X and y only. The gradient needs every example."""
    return 2.0 / len(y) * (X[:10].T @ (X[:10] @ w - y[:10]))


@shortcut("mean_squared_error_gradient")
def stepped_to_both_sides(w, X, y):
    h = 1e-5 * max(np.max(np.abs(w)), 1e-6)
    grad = np.zeros(w.shape)
    for i in np.ndindex(w.shape):
        step = np.zeros(w.shape)
        step[i] = h
        grad[i] = (mean_squared_error(w + step, X, y) - mean_squared_error(w - step, X, y)) / (2 * h)
    return grad


# ---------------------------------------------------------------- wrong answers: the closed form


@mistake("closed_form")
def forgot_to_solve(X, y):
    """You multiplied by XᵀX. Solve with it instead: np.linalg.solve(M, v)."""
    return 1.0 * (X.T @ X) @ (X.T @ y)


returned_the_right_side = wrong("closed_form", "1.0 * X.T @ y", "You returned Xᵀy. Solve (XᵀX)w = Xᵀy for w.")


@mistake("closed_form")
def doubled_the_right_side(X, y):
    """Your right side is 2Xᵀy and your matrix XᵀX. The factor 2 cancels on both sides or on none."""
    return np.linalg.solve(X.T @ X, 2 * X.T @ y)


@mistake("closed_form")
def doubled_the_matrix(X, y):
    """Your matrix is 2XᵀX and your right side Xᵀy. The factor 2 cancels on both sides or on none."""
    return np.linalg.solve(2 * X.T @ X, X.T @ y)


@mistake("closed_form")
def divided_one_side_by_n(X, y):
    """You divided only the right side by n. It cancels on both sides or on none."""
    return np.linalg.solve(X.T @ X, X.T @ y / len(y))


@mistake("closed_form")
def divided_the_matrix_by_n(X, y):
    """You divided only XᵀX by n. It cancels on both sides or on none."""
    return np.linalg.solve(X.T @ X / len(y), X.T @ y)


@mistake("closed_form", shows="solve for y")
def forgot_xt_on_the_right(X, y):
    """The right side is Xᵀy, of length d. y alone has length n."""
    return np.linalg.solve(X.T @ X, y)


@mistake("closed_form", shows="solve X")
def solved_with_x_itself(X, y):
    """X is not square, so it cannot be solved with. Multiply both sides by Xᵀ first."""
    return np.linalg.solve(X, y)


@mistake("closed_form", shows="/")
def divided_entry_by_entry(X, y):
    """1 / M divides entry by entry. To invert a matrix, use np.linalg.solve."""
    return (1 / (X.T @ X + 0.0)) @ (X.T @ y)


@mistake("closed_form")
def added_a_penalty(X, y):
    """You added λI to XᵀX. That is ridge regression; here nothing is penalised."""
    return np.linalg.solve(X.T @ X + 0.1 * np.eye(X.shape[1]), X.T @ y)


@mistake("closed_form")
def cut_small_singular_values(X, y):
    """Your cut-off treats small columns as zero. Leave the cut-off of lstsq or pinv at its default."""
    return np.linalg.pinv(X, rcond=0.01) @ y


@mistake("closed_form")
def regressed_each_feature_alone(X, y):
    """You fitted each feature alone. Features that overlap must be fitted together: solve with all of XᵀX."""
    return X.T @ y / np.sum(X**2, axis=0)


changed_the_sign = wrong(
    "closed_form", "-np.linalg.solve(X.T @ X, X.T @ y)", "The sign is wrong: zero gradient means XᵀXw = +Xᵀy."
)


@mistake("closed_form")
def returned_the_prediction(X, y):
    """You returned the fitted values Xw. Return the weights w."""
    return X @ np.linalg.solve(X.T @ X, X.T @ y)


@mistake("closed_form", shows="lstsq()")
def returned_all_of_lstsq(X, y):
    """np.linalg.lstsq returns four things. The weights are the first of them."""
    return np.linalg.lstsq(X, y, rcond=None)


@mistake("closed_form", shows="rounds")
def rounded_the_weights(X, y):
    """You rounded the weights, so small ones lose digits. Return the numbers as they are."""
    return np.round(np.linalg.solve(X.T @ X, X.T @ y), 12)


@mistake("closed_form", shows="made like")
def stored_weights_like_a_row(X, y):
    """An array made like X holds whole numbers when X does, and cuts fractions off. Use np.zeros(d)."""
    w = np.zeros_like(X[0])
    w[:] = np.linalg.solve(X.T @ X, X.T @ y)
    return w


@mistake("closed_form")
def solved_ten_examples(X, y):
    """You solve for the first ten rows of X and y only. Every example pulls at the minimum."""
    return np.linalg.solve(X[:10].T @ X[:10], X[:10].T @ y[:10])


# ---------------------------------------------------------------- wrong answers: the descent


@mistake("gradient_descent")
def ascended(X, y, learning_rate, n_steps):
    """You added the gradient and went uphill. A descent step subtracts it."""
    w, losses = np.zeros(X.shape[1]), []
    for _ in range(n_steps):
        losses.append(mean_squared_error(w, X, y))
        w = w + learning_rate * mean_squared_error_gradient(w, X, y)
    return w, losses


@mistake("gradient_descent")
def forgot_the_learning_rate(X, y, learning_rate, n_steps):
    """You subtracted the whole gradient. Multiply it by the learning rate first."""
    w, losses = np.zeros(X.shape[1]), []
    for _ in range(n_steps):
        losses.append(mean_squared_error(w, X, y))
        w = w - mean_squared_error_gradient(w, X, y)
    return w, losses


@mistake("gradient_descent", shows="gradient before the loop")
def kept_the_first_gradient(X, y, learning_rate, n_steps):
    """You computed the gradient once, before the loop. It changes with w: compute it in every step."""
    w, losses = np.zeros(X.shape[1]), []
    grad = mean_squared_error_gradient(w, X, y)
    for _ in range(n_steps):
        losses.append(mean_squared_error(w, X, y))
        w = w - learning_rate * grad
    return w, losses


@mistake("gradient_descent", shows="loop")
def took_one_step_less(X, y, learning_rate, n_steps):
    """You took n_steps − 1 steps. range(1, n_steps) leaves one out."""
    w, losses = np.zeros(X.shape[1]), []
    for _ in range(1, n_steps):
        losses.append(mean_squared_error(w, X, y))
        w = w - learning_rate * mean_squared_error_gradient(w, X, y)
    return w, losses


@mistake("gradient_descent")
def took_one_step_more(X, y, learning_rate, n_steps):
    """You took n_steps + 1 steps."""
    w, losses = np.zeros(X.shape[1]), []
    for _ in range(n_steps + 1):
        losses.append(mean_squared_error(w, X, y))
        w = w - learning_rate * mean_squared_error_gradient(w, X, y)
    return w, losses


@mistake("gradient_descent")
def recorded_after_the_step(X, y, learning_rate, n_steps):
    """You recorded each loss after its step. Record it before: the first loss is the one at w = 0."""
    w, losses = np.zeros(X.shape[1]), []
    for _ in range(n_steps):
        w = w - learning_rate * mean_squared_error_gradient(w, X, y)
        losses.append(mean_squared_error(w, X, y))
    return w, losses


@mistake("gradient_descent")
def recorded_the_last_loss_too(X, y, learning_rate, n_steps):
    """You recorded n_steps + 1 losses. The loss after the last step is not asked for."""
    w = np.zeros(X.shape[1])
    losses = [mean_squared_error(w, X, y)]
    for _ in range(n_steps):
        w = w - learning_rate * mean_squared_error_gradient(w, X, y)
        losses.append(mean_squared_error(w, X, y))
    return w, losses


@mistake("gradient_descent")
def started_at_ones(X, y, learning_rate, n_steps):
    """You started at w = (1, …, 1). Start at w = 0."""
    w, losses = np.ones(X.shape[1]), []
    for _ in range(n_steps):
        losses.append(mean_squared_error(w, X, y))
        w = w - learning_rate * mean_squared_error_gradient(w, X, y)
    return w, losses


@mistake("gradient_descent", shows="random")
def started_at_random(X, y, learning_rate, n_steps):
    """You started at a random w. Start at w = 0, so that everybody walks the same way."""
    w, losses = np.random.default_rng(0).normal(size=X.shape[1]), []
    for _ in range(n_steps):
        losses.append(mean_squared_error(w, X, y))
        w = w - learning_rate * mean_squared_error_gradient(w, X, y)
    return w, losses


@mistake("gradient_descent")
def descended_the_sum(X, y, learning_rate, n_steps):
    """Your steps are n times too long: they follow the sum of squares, and the loss is a mean."""
    w, losses = np.zeros(X.shape[1]), []
    for _ in range(n_steps):
        losses.append(mean_squared_error(w, X, y))
        w = w - learning_rate * 2 * X.T @ (X @ w - y)
    return w, losses


@mistake("gradient_descent")
def descended_with_half_the_gradient(X, y, learning_rate, n_steps):
    """Your steps are half as long as they should be: the gradient in them lacks its factor 2."""
    w, losses = np.zeros(X.shape[1]), []
    for _ in range(n_steps):
        losses.append(mean_squared_error(w, X, y))
        w = w - learning_rate * X.T @ (X @ w - y) / len(y)
    return w, losses


@mistake("gradient_descent")
def recorded_the_sum(X, y, learning_rate, n_steps):
    """Your steps are right, but you recorded sums of squares. Record the mean squared error."""
    w, losses = np.zeros(X.shape[1]), []
    for _ in range(n_steps):
        losses.append(np.sum((X @ w - y) ** 2))
        w = w - learning_rate * mean_squared_error_gradient(w, X, y)
    return w, losses


@mistake("gradient_descent")
def returned_the_losses_first(X, y, learning_rate, n_steps):
    """You returned (losses, w). The order is (w, losses)."""
    w, losses = np.zeros(X.shape[1]), []
    for _ in range(n_steps):
        losses.append(mean_squared_error(w, X, y))
        w = w - learning_rate * mean_squared_error_gradient(w, X, y)
    return losses, w


@mistake("gradient_descent")
def returned_the_weights_only(X, y, learning_rate, n_steps):
    """You returned w alone. Return two things: w, losses."""
    w = np.zeros(X.shape[1])
    for _ in range(n_steps):
        w = w - learning_rate * mean_squared_error_gradient(w, X, y)
    return w


@mistake("gradient_descent")
def returned_the_last_loss_only(X, y, learning_rate, n_steps):
    """You returned one loss. losses holds one number for each step: append to a list."""
    w, last = np.zeros(X.shape[1]), 0.0
    for _ in range(n_steps):
        last = mean_squared_error(w, X, y)
        w = w - learning_rate * mean_squared_error_gradient(w, X, y)
    return w, last


@mistake("gradient_descent", shows="return in a loop")
def returned_inside_the_loop(X, y, learning_rate, n_steps):
    """Your return stands inside the loop and ends it after one step. Move it to the left."""
    w, losses = np.zeros(X.shape[1]), []
    for _ in range(n_steps):
        losses.append(mean_squared_error(w, X, y))
        w = w - learning_rate * mean_squared_error_gradient(w, X, y)
        return w, losses
    return w, losses


@mistake("gradient_descent")
def shrank_the_learning_rate(X, y, learning_rate, n_steps):
    """You made the learning rate smaller from step to step. Here it stays the same."""
    w, losses = np.zeros(X.shape[1]), []
    for k in range(n_steps):
        losses.append(mean_squared_error(w, X, y))
        w = w - learning_rate / (k + 1) * mean_squared_error_gradient(w, X, y)
    return w, losses


@mistake("gradient_descent", shows="made like")
def stored_w_like_a_row(X, y, learning_rate, n_steps):
    """An array made like X holds whole numbers when X does, and cuts every step off. Use np.zeros(d)."""
    w, losses = np.zeros_like(X[0]), []
    for _ in range(n_steps):
        losses.append(mean_squared_error(w, X, y))
        w[:] = w - learning_rate * mean_squared_error_gradient(w, X, y)
    return w, losses


stopped_after_five_steps = patched(
    "gradient_descent",
    "n_steps",
    "min(n_steps, 5)",
    "You stop after five steps, whatever n_steps says. Take exactly n_steps.",
)


@mistake("gradient_descent")
def stopped_when_the_loss_hardly_fell(X, y, learning_rate, n_steps):
    """You stop once the loss hardly falls. Take all n_steps: losses holds a number for each."""
    w = np.zeros(X.shape[1])
    losses = []
    for _ in range(n_steps):
        losses.append(mean_squared_error(w, X, y))
        if len(losses) > 1 and losses[-2] - losses[-1] < 1e-8:
            break
        w = w - learning_rate * mean_squared_error_gradient(w, X, y)
    return w, np.array(losses)


@mistake("gradient_descent", shows="sort() | sorted()")
def sorted_the_losses(X, y, learning_rate, n_steps):
    """You sort the losses. Keep the order of the steps: with steps that are too long the loss grows."""
    w = np.zeros(X.shape[1])
    losses = []
    for _ in range(n_steps):
        losses.append(mean_squared_error(w, X, y))
        w = w - learning_rate * mean_squared_error_gradient(w, X, y)
    return w, sorted(losses, reverse=True)


@mistake("gradient_descent")
def stopped_when_the_gradient_was_small(X, y, learning_rate, n_steps):
    """You stop once the gradient is small. Take all n_steps: losses holds a number for each."""
    w = np.zeros(X.shape[1])
    losses = []
    for _ in range(n_steps):
        slope = mean_squared_error_gradient(w, X, y)
        if np.linalg.norm(slope) < 1e-6:
            break
        losses.append(mean_squared_error(w, X, y))
        w = w - learning_rate * slope
    return w, losses


@mistake("gradient_descent", shows="squeeze()")
def squeezed_the_losses(X, y, learning_rate, n_steps):
    """np.squeeze turns a list of one loss into a bare number. Return a list, even of a single loss."""
    w = np.zeros(X.shape[1])
    losses = np.zeros((n_steps, 1))
    for k in range(n_steps):
        losses[k] = mean_squared_error(w, X, y)
        w = w - learning_rate * mean_squared_error_gradient(w, X, y)
    return w, np.squeeze(losses)


# ---------------------------------------------------------------- right answers


@variant("mean_squared_error")
def with_mean(w, X, y):
    return np.mean((X @ w - y) ** 2)


@variant("mean_squared_error")
def row_by_row(w, X, y):
    return sum((row @ w - target) ** 2 for row, target in zip(X, y, strict=True)) / len(y)


@variant("mean_squared_error")
def from_the_norm(w, X, y):
    return np.linalg.norm(X @ w - y) ** 2 / X.shape[0]


@variant("mean_squared_error_gradient")
def from_the_rows(w, X, y):
    return np.mean([2 * (row @ w - target) * row for row, target in zip(X, y, strict=True)], axis=0)


@variant("mean_squared_error_gradient")
def expanded(w, X, y):
    return 2 / len(y) * (X.T @ X @ w - X.T @ y)


@variant("mean_squared_error_gradient")
def residual_on_the_left(w, X, y):
    return 2 * (X @ w - y) @ X / X.shape[0]


@variant("closed_form")
def as_least_squares(X, y):
    return np.linalg.lstsq(X, y, rcond=None)[0]


@variant("closed_form")
def with_the_pseudoinverse(X, y):
    return np.linalg.pinv(X) @ y


@variant("closed_form")
def with_triangles(X, y):
    Q, R = np.linalg.qr(X)
    return np.linalg.solve(R, Q.T @ y)


@variant("closed_form")
def with_the_inverse(X, y):
    return list(np.linalg.inv(X.T @ X) @ X.T @ y)


@variant("gradient_descent")
def with_a_list_of_losses(X, y, learning_rate, n_steps):
    w, losses = np.zeros(X.shape[1]), []
    for _ in range(n_steps):
        r = X @ w - y
        losses.append(np.mean(r**2))
        w = w - learning_rate * 2 / len(y) * X.T @ r
    return w, losses


@variant("gradient_descent")
def in_place(X, y, learning_rate, n_steps):
    w, losses = np.zeros(X.shape[1]), np.empty(n_steps)
    for k in range(n_steps):
        losses[k] = mean_squared_error(w, X, y)
        w -= learning_rate * mean_squared_error_gradient(w, X, y)
    return w, losses


@variant("gradient_descent")
def that_returns_a_list(X, y, learning_rate, n_steps):
    n, d = X.shape
    shrink, push = np.eye(d) - 2 * learning_rate / n * X.T @ X, 2 * learning_rate / n * X.T @ y
    w, losses = np.zeros(d), []
    while len(losses) < n_steps:
        losses.append(mean_squared_error(w, X, y))
        w = shrink @ w + push
    return [w, losses]


# ---------------------------------------------------------------- the derivation


derivations = (
    DerivationTask(
        name="gradient",
        loss="f(w) = (1/n) ‖X w − y‖²",
        shapes={"w": ("d",), "X": ("n", "d"), "y": ("n",)},
        waypoints=(
            differentiated(),
            gradient_by("w", 2.0),
            equations(),
        ),
        right={
            "an increment h": """
r = X w − y
f(w) = (1/n) rᵀ r
f(w + h) − f(w) = (2/n) rᵀ X h + (1/n) ‖X h‖²
∇f(w) = (2/n) Xᵀ r
∇f(w) = 0
⇔ Xᵀ X w = Xᵀ y
""",
            "entry by entry": """
r_i = Σ_j X_ij w_j − y_i
f = (1/n) Σ_i r_i²
∂r_i/∂w_j = X_ij
∂f/∂w_j = (2/n) Σ_i r_i X_ij
        = (2/n) (Xᵀ r)_j
∇_w f = (2/n) Xᵀ (X w − y)
∇_w f = 0
⇔ XᵀX w = Xᵀ y
""",
            "to the closed form": r"""
f(w) = \frac1n \|Xw - y\|^2
df = \frac{2}{n} (Xw - y)^\top X dw
\nabla f(w) = \frac{2}{n} X^\top (Xw - y)
\nabla f(w) = 0
\iff X^\top (Xw - y) = 0
\iff X^\top X w = X^\top y
\Rightarrow w = (X^\top X)^{-1} X^\top y
""",
        },
        wrong={
            "no mean": """
f(w) = (1/n) ‖X w − y‖²
∇f(w) = 2 Xᵀ (X w − y)
""",
            "another mean": """
f(w) = (1/n) ‖X w − y‖²
∇f(w) = (2/d) Xᵀ (X w − y)
""",
        },
    ),
)
