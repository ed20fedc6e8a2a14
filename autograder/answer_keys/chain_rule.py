"""The chain rule from the loss back to the weights: what every layer of a network does.

For y = Wx and a loss L that depends on y, ∂L/∂W = (∂L/∂y) xᵀ and ∂L/∂x = Wᵀ ∂L/∂y; for p examples as
the columns of X, ∂L/∂W = (∂L/∂Y) Xᵀ, a sum over them. The network is ½‖W2 tanh(W1 X) − Y‖_F².
Every derivative has the shape of what moves.
"""

import numpy as np

from autograder.problem_sets.derivation_key import DerivationTask, Waypoint
from autograder.problem_sets.key import Check, Question, Term, mistake, shortcut, variant, wrong

points = 30
points_by_hand = 7.5


def linear_backward(W, x, dy):
    return np.outer(dy, x), np.transpose(W) @ dy


def batch_linear_backward(W, X, dY):
    return dY @ np.transpose(X), np.transpose(W) @ dY


def network_loss(W1, W2, X, Y):
    residual = W2 @ np.tanh(W1 @ X) - Y
    return float(0.5 * np.sum(residual * residual))


def network_backward(W1, W2, X, Y):
    H = np.tanh(W1 @ X)
    dP = W2 @ H - Y
    dW2, dH = batch_linear_backward(W2, H, dP)
    dW1, _ = batch_linear_backward(W1, X, dH * (1.0 - H**2))
    return dW1, dW2


def _loss_behind_a_layer(W, x, dy):
    # The loss whose derivative by y = Wx is dy wherever it is taken.
    return float(dy @ (W @ x))


def _loss_behind_a_batch(W, X, dY):
    return float(np.sum(dY * (W @ X)))


loss = network_loss
gradient = network_backward


def _instance(rng, m, n, h, p, scale=1.0):
    def away_from_zero(*shape):
        return rng.uniform(0.4, 1.6, shape) * rng.choice([-1, 1], shape)

    return {
        "W": away_from_zero(m, n),
        "x": scale * away_from_zero(n),
        "dy": scale * away_from_zero(m),
        "dY": scale * away_from_zero(m, p),
        "X": away_from_zero(n, p),
        "W1": away_from_zero(h, n) / 2,
        "W2": scale * away_from_zero(m, h),
        "Y": scale * away_from_zero(m, p),
    }


def instances(rng, scale=1.0):
    """m outputs, n inputs, h hidden numbers, p examples: all different, so no wrong product is legal.

    W1 and X have no scale: tanh changes where its argument is about 1 and nowhere else.
    """
    return [_instance(rng, *sizes, scale) for sizes in ((3, 5, 6, 7), (7, 3, 5, 6), (5, 6, 7, 3))]


def _far(rng):
    return instances(rng, 1e6)[::2] + instances(rng, 1e-6)[::2]


def _one_example(rng):
    return [_instance(rng, 3, 5, 6, 1), _instance(rng, 5, 3, 6, 1)]


def _one_example_far_out(rng):
    """One example; then one whose hidden numbers are all ±1, where exponentials would overflow."""
    ordinary, far_out = _one_example(rng)
    return [ordinary, {**far_out, "W1": 1e4 * far_out["W1"]}]


def _whole(rng):
    """Weights and inputs of whole numbers; what comes back from the loss has fractions."""

    def whole(*shape):
        return rng.integers(1, 4, shape) * rng.choice([-1, 1], shape)

    return [
        {
            "W": whole(m, n),
            "x": whole(n),
            "dy": whole(m) / 8,
            "dY": whole(m, p) / 8,
            "X": whole(n, p),
            "W1": rng.integers(-1, 2, (h, n)),
            "W2": whole(m, h),
            "Y": whole(m, p) / 8,
        }
        for m, n, h, p in ((3, 5, 6, 7), (5, 3, 6, 7))
    ]


_ORDINARY = Check("ordinary layers", "layers in which all sizes differ", 4, instances, harness=True)
_WHOLE = Check("whole numbers", "weights and inputs of whole numbers", 1, _whole)
_FAR = Check("very large and very small", "numbers near a million and a millionth", 1, _far, scales=True)
_SINGLE = Check("one example", "a batch with one column", 1, _one_example)
_FAR_OUT = Check("one example", "a batch with one column, and tanh at ±1", 1, _one_example_far_out)

questions = (
    Question(linear_backward, (_ORDINARY, _WHOLE, _FAR), differentiates=_loss_behind_a_layer),
    Question(batch_linear_backward, (_ORDINARY, _WHOLE, _FAR, _SINGLE), differentiates=_loss_behind_a_batch),
    Question(
        network_loss,
        (
            Check("ordinary networks", "networks in which all sizes differ", 3, instances),
            _WHOLE,
            _FAR,
            _FAR_OUT,
        ),
    ),
    Question(network_backward, (_ORDINARY, _WHOLE, _FAR, _FAR_OUT), differentiates=network_loss),
)


def _first(part, other):
    return part, np.zeros(np.shape(other))


def _second(other, part):
    return np.zeros(np.shape(other)), part


# A term of a function that returns two derivatives is such a pair, zero in the part it is not in.
terms = {
    "linear_backward": (
        Term("dy·xᵀ", lambda W, x, dy: _first(np.outer(dy, x), x), where="in dW"),
        Term("Wᵀdy", lambda W, x, dy: _second(W, W.T @ dy), where="in dx"),
    ),
    "batch_linear_backward": (
        Term("dY·Xᵀ", lambda W, X, dY: _first(dY @ X.T, X), where="in dW"),
        Term("WᵀdY", lambda W, X, dY: _second(W, W.T @ dY), where="in dX"),
    ),
    "network_backward": (
        Term(
            "(W2ᵀR)Xᵀ",
            lambda W1, W2, X, Y: _first((W2.T @ _residual(W1, W2, X, Y)) @ X.T, W2),
            where="in dW1",
        ),
        Term(
            "(W2ᵀR·H²)Xᵀ",
            lambda W1, W2, X, Y: _first((W2.T @ _residual(W1, W2, X, Y) * np.tanh(W1 @ X) ** 2) @ X.T, W2),
            where="in dW1",
        ),
        Term(
            "W2HHᵀ",
            lambda W1, W2, X, Y: _second(W1, W2 @ np.tanh(W1 @ X) @ np.tanh(W1 @ X).T),
            where="in dW2",
        ),
        Term("YHᵀ", lambda W1, W2, X, Y: _second(W1, Y @ np.tanh(W1 @ X).T), where="in dW2"),
    ),
}


def _residual(W1, W2, X, Y):
    return W2 @ np.tanh(W1 @ X) - Y


equivalent = {
    ("network_loss", "residual = Y - W2 @ np.tanh(W1 @ X)"): "½‖Y − Ŷ‖² = ½‖Ŷ − Y‖²",
}


# ---------------------------------------------------------------- wrong answers: one layer


@mistake("linear_backward")
def used_the_other_layout_for_dw(W, x, dy):
    """Your dW is x dyᵀ, of shape n×m: the other layout. It has the shape of W: dy stands first."""
    return np.outer(x, dy), W.T @ dy


@mistake("linear_backward", shows="flattens")
def reshaped_dw(W, x, dy):
    """You reshaped x dyᵀ to the shape of W. That scrambles the entries: use np.outer(dy, x)."""
    return np.outer(x, dy).reshape(W.shape), W.T @ dy


@mistake("linear_backward", shows="W @ dy")
def forgot_to_transpose_w(W, x, dy):
    """You have W dy, whose sizes do not fit. Going backwards, the weights are transposed: Wᵀdy."""
    return np.outer(dy, x), W @ dy


returned_dx_first = wrong(
    "linear_backward", "W.T @ dy, np.outer(dy, x)", "You returned (dx, dW). The order is (dW, dx)."
)
returned_dw_only = wrong(
    "linear_backward", "np.outer(dy, x)", "You returned dW alone. Return two things: dW, dx."
)


@mistake("linear_backward")
def forgot_what_comes_back_in_dx(W, x, dy):
    """Your dx adds the rows of W up and forgets dy. The chain rule multiplies by dy: Wᵀdy."""
    return np.outer(dy, x), 1.0 * W.sum(axis=0)


@mistake("linear_backward")
def forgot_what_comes_back_in_dw(W, x, dy):
    """Your dW repeats x in every row and forgets dy. Row i is dy_i times x."""
    return np.ones((len(dy), 1)) * x, W.T @ dy


@mistake("linear_backward")
def used_the_output_for_dw(W, x, dy):
    """Your dW holds y = Wx where dy is due. The chain rule uses what came back from the loss."""
    return np.outer(W @ x, x), W.T @ dy


@mistake("linear_backward")
def used_the_output_for_dx(W, x, dy):
    """Your dx is Wᵀ(Wx). The chain rule uses dy, what came back from the loss: Wᵀdy."""
    return np.outer(dy, x), W.T @ (W @ x)


@mistake("linear_backward")
def multiplied_dw_by_w(W, x, dy):
    """Your dW has a factor W. The layer is linear in W, so W is gone from its own derivative."""
    return W * np.outer(dy, x), W.T @ dy


@mistake("linear_backward")
def multiplied_dx_by_x(W, x, dy):
    """Your dx has a factor x. The layer is linear in x, so x is gone from its own derivative."""
    return np.outer(dy, x), (W.T @ dy) * x


@mistake("linear_backward")
def doubled_both(W, x, dy):
    """You have a factor 2, as for a square. The layer is linear: no factor."""
    return 2 * np.outer(dy, x), 2 * W.T @ dy


@mistake("linear_backward")
def took_the_inner_product_for_dx(W, x, dy):
    """Your dx is one number. It has the shape of x: Wᵀdy."""
    return np.outer(dy, x), float(dy @ (W @ x))


@mistake("linear_backward")
def pointed_both_downhill(W, x, dy):
    """Both signs are wrong. A derivative points uphill; the minus comes with the descent step."""
    return -np.outer(dy, x), -(W.T @ dy)


@mistake("linear_backward", shows="made like")
def stored_dw_like_w(W, x, dy):
    """An array made like W holds whole numbers when W does, and cuts fractions off. Use np.zeros(W.shape)."""
    dW = np.zeros_like(W)
    dW[:] = np.outer(dy, x)
    return dW, W.T @ dy


@mistake("linear_backward", shows="rounds")
def rounded_both(W, x, dy):
    """You rounded the entries, so small ones become 0. Return the numbers as they are."""
    return np.round(np.outer(dy, x), 11), np.round(W.T @ dy, 11)


@mistake("linear_backward")
def kept_five_rows(W, x, dy):
    """Your dW has five rows at most. It has W's shape: a row for each output."""
    return np.outer(dy, x)[:5], np.transpose(W) @ dy


@shortcut("linear_backward")
def took_imaginary_steps(W, x, dy):
    dW = np.zeros(W.shape)
    for i in np.ndindex(W.shape):
        step = np.zeros(W.shape, dtype=complex)
        step[i] = 1e-20j
        dW[i] = np.imag(dy @ ((W + step) @ x)) / 1e-20
    dx = np.zeros(x.shape)
    for i in np.ndindex(x.shape):
        step = np.zeros(x.shape, dtype=complex)
        step[i] = 1e-20j
        dx[i] = np.imag(dy @ (W @ (x + step))) / 1e-20
    return dW, dx


# ---------------------------------------------------------------- wrong answers: a batch


@mistake("batch_linear_backward")
def averaged_the_batch(W, X, dY):
    """You divided dW by the number of examples. If the loss is a mean, dY holds that factor already."""
    return dY @ X.T / X.shape[1], W.T @ dY


@mistake("batch_linear_backward")
def averaged_the_batch_in_dx(W, X, dY):
    """You divided dX by the number of examples. Each example has its own column, so nothing is averaged."""
    return dY @ X.T, W.T @ dY / X.shape[1]


@mistake("batch_linear_backward")
def added_examples_before_the_product(W, X, dY):
    """You added the examples up before multiplying. Multiply column by column, then add: dY Xᵀ."""
    return np.outer(dY.sum(axis=1), X.sum(axis=1)), W.T @ dY


@mistake("batch_linear_backward")
def used_the_other_layout_for_the_batch(W, X, dY):
    """Your dW is X dYᵀ, of shape n×m: the other layout. It has the shape of W: dY stands first."""
    return X @ dY.T, W.T @ dY


@mistake("batch_linear_backward", shows="flattens")
def reshaped_dw_of_the_batch(W, X, dY):
    """You reshaped X dYᵀ to the shape of W. That scrambles the entries: multiply in the other order."""
    return (X @ dY.T).reshape(W.shape), W.T @ dY


@mistake("batch_linear_backward", shows="dY @ X")
def forgot_to_transpose_the_inputs(W, X, dY):
    """You have dY X, whose sizes do not fit. dY is m×p and Xᵀ is p×n."""
    return dY @ X, W.T @ dY


@mistake("batch_linear_backward", shows="W @ dY")
def forgot_to_transpose_the_weights(W, X, dY):
    """You have W dY, whose sizes do not fit. Going backwards, the weights are transposed: WᵀdY."""
    return dY @ X.T, W @ dY


@mistake("batch_linear_backward", shows="overwrites in a loop")
def kept_the_last_example_only(W, X, dY):
    """Each turn of your loop overwrites dW, so only the last example counts. Use +=."""
    for k in range(X.shape[1]):
        dW = np.outer(dY[:, k], X[:, k])
    return dW, W.T @ dY


@mistake("batch_linear_backward", shows="loop")
def left_out_the_last_example(W, X, dY):
    """The last example is missing from dW. A loop over range(p - 1) stops too early."""
    dW = np.zeros(W.shape)
    for k in range(X.shape[1] - 1):
        dW += np.outer(dY[:, k], X[:, k])
    return dW, W.T @ dY


@mistake("batch_linear_backward")
def added_dx_over_examples(W, X, dY):
    """You added dX over the examples. Each example has its own derivative: one column each."""
    return dY @ X.T, (W.T @ dY).sum(axis=1)


@mistake("batch_linear_backward")
def kept_one_dw_an_example(W, X, dY):
    """You kept one dW for each example. All share W, so their contributions are added."""
    return np.stack([np.outer(dY[:, k], X[:, k]) for k in range(X.shape[1])]), W.T @ dY


@mistake("batch_linear_backward", shows="squeeze()")
def squeezed_a_single_example(W, X, dY):
    """With one example, squeeze makes dX a flat vector. Keep both axes: dX has the shape of X."""
    return dY @ X.T, np.squeeze(W.T @ dY)


returned_dx_of_the_batch_first = wrong(
    "batch_linear_backward", "W.T @ dY, dY @ X.T", "You returned (dX, dW). The order is (dW, dX)."
)


@mistake("batch_linear_backward", shows="made like")
def stored_dw_of_the_batch_like_w(W, X, dY):
    """An array made like W holds whole numbers when W does, and cuts fractions off. Use np.zeros(W.shape)."""
    dW = np.zeros_like(W)
    dW[:] = dY @ X.T
    return dW, W.T @ dY


@mistake("batch_linear_backward", shows="rounds")
def rounded_the_batch(W, X, dY):
    """You rounded the entries, so small ones lose digits. Return the numbers as they are."""
    return np.round(dY @ X.T, 11), np.round(W.T @ dY, 11)


@mistake("batch_linear_backward")
def added_five_outputs(W, X, dY):
    """Your dX adds up what comes back through the first five outputs. Every row of W carries some."""
    return dY @ np.transpose(X), np.transpose(W[:5]) @ dY[:5]


@shortcut("batch_linear_backward")
def took_imaginary_steps_in_the_batch(W, X, dY):
    dW = np.zeros(W.shape)
    for i in np.ndindex(W.shape):
        step = np.zeros(W.shape, dtype=complex)
        step[i] = 1e-20j
        dW[i] = np.imag(np.sum(dY * ((W + step) @ X))) / 1e-20
    dX = np.zeros(X.shape)
    for i in np.ndindex(X.shape):
        step = np.zeros(X.shape, dtype=complex)
        step[i] = 1e-20j
        dX[i] = np.imag(np.sum(dY * (W @ (X + step)))) / 1e-20
    return dW, dX


# ---------------------------------------------------------------- wrong answers: the network's loss


forgot_the_half = wrong(
    "network_loss", "np.sum((W2 @ np.tanh(W1 @ X) - Y) ** 2)", "The factor ½ in front is missing."
)


@mistake("network_loss")
def averaged_the_squares(W1, W2, X, Y):
    """You averaged over all entries. This loss is half of their sum."""
    return 0.5 * np.mean((W2 @ np.tanh(W1 @ X) - Y) ** 2)


@mistake("network_loss")
def averaged_over_the_examples(W1, W2, X, Y):
    """You divided by p, the number of examples. This loss is half of a sum over them."""
    return 0.5 * np.sum((W2 @ np.tanh(W1 @ X) - Y) ** 2) / X.shape[1]


@mistake("network_loss")
def forgot_the_tanh(W1, W2, X, Y):
    """You left tanh out, so the two layers are one linear map. Apply it to W1 X."""
    return 0.5 * np.sum((W2 @ (W1 @ X) - Y) ** 2)


@mistake("network_loss")
def applied_tanh_to_the_output_too(W1, W2, X, Y):
    """You applied tanh to the output as well. The second layer is linear: its output is W2 H."""
    return 0.5 * np.sum((np.tanh(W2 @ np.tanh(W1 @ X)) - Y) ** 2)


@mistake("network_loss")
def applied_tanh_to_the_input(W1, W2, X, Y):
    """You applied tanh to X. It comes after the first layer: tanh(W1 X)."""
    return 0.5 * np.sum((W2 @ (W1 @ np.tanh(X)) - Y) ** 2)


@mistake("network_loss")
def took_a_sigmoid(W1, W2, X, Y):
    """You used the sigmoid. This network has tanh."""
    return 0.5 * np.sum((W2 @ (1 / (1 + np.exp(-(W1 @ X)))) - Y) ** 2)


@mistake("network_loss")
def took_the_positive_part(W1, W2, X, Y):
    """You used ReLU. This network has tanh."""
    return 0.5 * np.sum((W2 @ np.maximum(W1 @ X, 0) - Y) ** 2)


@mistake("network_loss")
def took_the_root_of_the_sum(W1, W2, X, Y):
    """You took the norm without its square. The loss is ½‖R‖²."""
    return 0.5 * np.linalg.norm(W2 @ np.tanh(W1 @ X) - Y)


@mistake("network_loss")
def added_absolute_residuals(W1, W2, X, Y):
    """You added absolute values. The loss adds squares."""
    return 0.5 * np.sum(np.abs(W2 @ np.tanh(W1 @ X) - Y))


forgot_the_targets = wrong(
    "network_loss", "0.5 * np.sum((W2 @ np.tanh(W1 @ X)) ** 2)", "You left Y out. The residual is W2 H − Y."
)


@mistake("network_loss")
def added_the_targets(W1, W2, X, Y):
    """You added Y. The residual is the difference W2 H − Y."""
    return 0.5 * np.sum((W2 @ np.tanh(W1 @ X) + Y) ** 2)


@mistake("network_loss")
def kept_one_loss_an_example(W1, W2, X, Y):
    """You returned one loss for each example. Add them: a loss is one number."""
    return 0.5 * np.sum((W2 @ np.tanh(W1 @ X) - Y) ** 2, axis=0)


@mistake("network_loss", shows="W2 @ X")
def swapped_the_layers(W1, W2, X, Y):
    """You applied W2 first. The inner layer is W1: its columns match the rows of X."""
    return 0.5 * np.sum((W1 @ np.tanh(W2 @ X) - Y) ** 2)


@mistake("network_loss", shows="squeeze()")
def squeezed_the_targets(W1, W2, X, Y):
    """With one example, squeeze makes Y flat, and (m, 1) minus (m,) is an m×m matrix. Keep both axes."""
    return 0.5 * np.sum((W2 @ np.tanh(W1 @ X) - np.squeeze(Y)) ** 2)


@mistake("network_loss", shows="rounds")
def rounded_the_loss(W1, W2, X, Y):
    """You rounded the answer, so small losses are lost. Return the number as it is."""
    return round(float(0.5 * np.sum((W2 @ np.tanh(W1 @ X) - Y) ** 2)), 9)


@mistake("network_loss", shows="made like | [] =")
def cut_the_activations_to_whole_numbers(W1, W2, X, Y):
    """You stored tanh in an array made like W1 X. When that holds whole numbers, fractions are lost."""
    H = W1 @ X
    H[:] = np.tanh(H)
    return 0.5 * np.sum((W2 @ H - Y) ** 2)


@mistake("network_loss")
def counted_five_outputs(W1, W2, X, Y):
    """Only the first five outputs count. Do not write a number in: np.sum takes every row."""
    residual = W2 @ np.tanh(W1 @ X) - Y
    return float(0.5 * np.sum(residual[:5] ** 2))


# ---------------------------------------------------------------- wrong answers: back through the network


@mistake("network_backward")
def went_through_tanh_unchanged(W1, W2, X, Y):
    """Your dW1 forgets the slope of tanh. Multiply what comes back by 1 − H², entry by entry."""
    H = np.tanh(W1 @ X)
    dP = W2 @ H - Y
    return W2.T @ dP @ X.T, dP @ H.T


@mistake("network_backward")
def multiplied_by_tanh(W1, W2, X, Y):
    """You multiplied by tanh itself on the way back. Its slope is 1 − H²."""
    H = np.tanh(W1 @ X)
    dP = W2 @ H - Y
    return (W2.T @ dP * H) @ X.T, dP @ H.T


@mistake("network_backward")
def forgot_to_square_h(W1, W2, X, Y):
    """You have 1 − H for the slope of tanh. It is 1 − H²."""
    H = np.tanh(W1 @ X)
    dP = W2 @ H - Y
    return (W2.T @ dP * (1 - H)) @ X.T, dP @ H.T


@mistake("network_backward")
def took_tanh_twice(W1, W2, X, Y):
    """You have 1 − tanh²(H). H is a tanh already: the slope is 1 − H²."""
    H = np.tanh(W1 @ X)
    dP = W2 @ H - Y
    return (W2.T @ dP * (1 - np.tanh(H) ** 2)) @ X.T, dP @ H.T


@mistake("network_backward")
def took_the_slope_before_the_tanh(W1, W2, X, Y):
    """You have 1 − A² with A = W1 X. The square is of H = tanh(A)."""
    A = W1 @ X
    H = np.tanh(A)
    dP = W2 @ H - Y
    return (W2.T @ dP * (1 - A**2)) @ X.T, dP @ H.T


@mistake("network_backward")
def skipped_the_second_layer(W1, W2, X, Y):
    """You added the rows of dP instead of going back through W2. What arrives at H is W2ᵀdP."""
    H = np.tanh(W1 @ X)
    dP = W2 @ H - Y
    return (dP.sum(axis=0) * (1 - H**2)) @ X.T, dP @ H.T


@mistake("network_backward")
def used_the_inputs_for_dw2(W1, W2, X, Y):
    """Your dW2 uses X. The second layer's input is H, so dW2 = dP Hᵀ."""
    H = np.tanh(W1 @ X)
    dP = W2 @ H - Y
    return (W2.T @ dP * (1 - H**2)) @ X.T, dP @ X.T


@mistake("network_backward")
def used_the_linear_part_for_dw2(W1, W2, X, Y):
    """Your dW2 uses W1 X, before the tanh. The second layer's input is H = tanh(W1 X)."""
    A = W1 @ X
    H = np.tanh(A)
    dP = W2 @ H - Y
    return (W2.T @ dP * (1 - H**2)) @ X.T, dP @ A.T


@mistake("network_backward")
def forgot_that_the_half_cancels(W1, W2, X, Y):
    """You have a factor 2 in dP. It cancels with the ½ in front of the loss."""
    H = np.tanh(W1 @ X)
    dP = 2 * (W2 @ H - Y)
    return (W2.T @ dP * (1 - H**2)) @ X.T, dP @ H.T


@mistake("network_backward")
def subtracted_the_output(W1, W2, X, Y):
    """You started with Y − W2 H. The derivative of ½‖P − Y‖² by P is P − Y."""
    H = np.tanh(W1 @ X)
    dP = Y - W2 @ H
    return (W2.T @ dP * (1 - H**2)) @ X.T, dP @ H.T


@mistake("network_backward")
def started_without_the_targets(W1, W2, X, Y):
    """You started with P. The derivative of ½‖P − Y‖² by P is P − Y."""
    H = np.tanh(W1 @ X)
    dP = W2 @ H
    return (W2.T @ dP * (1 - H**2)) @ X.T, dP @ H.T


@mistake("network_backward")
def returned_dw2_first(W1, W2, X, Y):
    """You returned (dW2, dW1). The order is (dW1, dW2), though dW2 is computed first."""
    H = np.tanh(W1 @ X)
    dP = W2 @ H - Y
    return dP @ H.T, (W2.T @ dP * (1 - H**2)) @ X.T


@mistake("network_backward")
def returned_both_transposed(W1, W2, X, Y):
    """Both are transposed: the other layout. dW1 has the shape of W1 and dW2 that of W2."""
    H = np.tanh(W1 @ X)
    dP = W2 @ H - Y
    return X @ (W2.T @ dP * (1 - H**2)).T, H @ dP.T


@mistake("network_backward")
def averaged_over_the_batch(W1, W2, X, Y):
    """You divided by the number of examples. This loss is a sum over them: nothing is divided."""
    H = np.tanh(W1 @ X)
    dP = (W2 @ H - Y) / X.shape[1]
    return (W2.T @ dP * (1 - H**2)) @ X.T, dP @ H.T


@mistake("network_backward")
def forgot_the_tanh_in_the_forward_pass(W1, W2, X, Y):
    """You went back through a network without tanh. H is tanh(W1 X), and its slope is 1 − H²."""
    H = W1 @ X
    dP = W2 @ H - Y
    return W2.T @ dP @ X.T, dP @ H.T


@mistake("network_backward")
def went_back_through_updated_weights(W1, W2, X, Y):
    """You changed W2 before you used it to go back. Compute both derivatives first, then take the step."""
    H = np.tanh(W1 @ X)
    dP = W2 @ H - Y
    dW2 = dP @ H.T
    new = W2 - 0.1 * dW2
    return (new.T @ dP * (1 - H**2)) @ X.T, dW2


@mistake("network_backward", shows="made like")
def stored_dw1_like_w1(W1, W2, X, Y):
    """An array made like W1 holds whole numbers when W1 does, and cuts fractions. Use np.zeros(W1.shape)."""
    H = np.tanh(W1 @ X)
    dP = W2 @ H - Y
    dW1 = np.zeros_like(W1)
    dW1[:] = (W2.T @ dP * (1 - H**2)) @ X.T
    return dW1, dP @ H.T


@mistake("network_backward", shows="squeeze()")
def squeezed_one_example(W1, W2, X, Y):
    """With one example, squeeze makes the residual flat, and the products fail. Keep both axes."""
    H = np.tanh(W1 @ X)
    dP = np.squeeze(W2 @ H - Y)
    return (W2.T @ dP * (1 - H**2)) @ X.T, dP @ H.T


@mistake("network_backward", shows="rounds")
def rounded_on_the_way_back(W1, W2, X, Y):
    """You rounded on the way back, so small derivatives become 0. Return the numbers as they are."""
    H = np.tanh(W1 @ X)
    dP = np.round(W2 @ H - Y, 11)
    return (W2.T @ dP * (1 - H**2)) @ X.T, dP @ H.T


@mistake("network_backward")
def went_back_through_five_outputs(W1, W2, X, Y):
    """Only the first five outputs reach dW1. Use all rows of W2 on the way back."""
    H = np.tanh(W1 @ X)
    dP = W2 @ H - Y
    dW1 = (np.transpose(W2[:5]) @ dP[:5] * (1.0 - H**2)) @ np.transpose(X)
    return dW1, dP @ np.transpose(H)


@shortcut("network_backward")
def took_imaginary_steps_in_both_layers(W1, W2, X, Y):
    dW1 = np.zeros(W1.shape)
    for i in np.ndindex(W1.shape):
        step = np.zeros(W1.shape, dtype=complex)
        step[i] = 1e-20j
        dW1[i] = np.imag(np.sum((W2 @ np.tanh((W1 + step) @ X) - Y) ** 2) / 2) / 1e-20
    dW2 = np.zeros(W2.shape)
    for i in np.ndindex(W2.shape):
        step = np.zeros(W2.shape, dtype=complex)
        step[i] = 1e-20j
        dW2[i] = np.imag(np.sum(((W2 + step) @ np.tanh(W1 @ X) - Y) ** 2) / 2) / 1e-20
    return dW1, dW2


# ---------------------------------------------------------------- right answers


@variant("linear_backward")
def with_columns_and_rows(W, x, dy):
    return dy[:, None] @ x[None, :], dy @ W


@variant("linear_backward")
def with_einsum(W, x, dy):
    return np.einsum("i,j->ij", dy, x), np.einsum("ij,i->j", W, dy)


@variant("linear_backward")
def in_loops(W, x, dy):
    m, n = W.shape
    dW = [[dy[i] * x[j] for j in range(n)] for i in range(m)]
    return [dW, [sum(W[i, j] * dy[i] for i in range(m)) for j in range(n)]]


@variant("batch_linear_backward")
def example_by_example(W, X, dY):
    dW, dX = np.zeros(W.shape), np.zeros(X.shape)
    for k in range(X.shape[1]):
        dW += np.outer(dY[:, k], X[:, k])
        dX[:, k] = W.T @ dY[:, k]
    return dW, dX


@variant("batch_linear_backward")
def batch_with_einsum(W, X, dY):
    return np.einsum("ik,jk->ij", dY, X), np.einsum("ij,ik->jk", W, dY)


@variant("batch_linear_backward")
def transposed_twice(W, X, dY):
    return (X @ dY.T).T, (dY.T @ W).T


@variant("network_loss")
def from_the_norm(W1, W2, X, Y):
    return np.linalg.norm(W2 @ np.tanh(W1 @ X) - Y) ** 2 / 2


@variant("network_loss")
def example_after_example(W1, W2, X, Y):
    total = 0.0
    for k in range(X.shape[1]):
        r = W2 @ np.tanh(W1 @ X[:, k]) - Y[:, k]
        total += 0.5 * r @ r
    return total


@variant("network_loss")
def as_a_trace(W1, W2, X, Y):
    R = W2 @ np.tanh(W1 @ X) - Y
    return 0.5 * np.trace(R @ R.T)


@variant("network_backward")
def written_out(W1, W2, X, Y):
    H = np.tanh(W1 @ X)
    dP = W2 @ H - Y
    return (W2.T @ dP * (1 - H**2)) @ X.T, dP @ H.T


@variant("network_backward")
def one_example_at_a_time(W1, W2, X, Y):
    dW1, dW2 = np.zeros(W1.shape), np.zeros(W2.shape)
    for k in range(X.shape[1]):
        h = np.tanh(W1 @ X[:, k])
        r = W2 @ h - Y[:, k]
        dW2 += np.outer(r, h)
        dW1 += np.outer((W2.T @ r) / np.cosh(W1 @ X[:, k]) ** 2, X[:, k])
    return dW1, dW2


@variant("network_backward")
def with_diagonal_jacobians(W1, W2, X, Y):
    H = np.tanh(W1 @ X)
    R = W2 @ H - Y
    dA = [np.diag(1 - H[:, k] ** 2) @ W2.T @ R[:, k] for k in range(X.shape[1])]
    return [np.stack(dA, axis=1) @ X.T, R @ H.T]


# ---------------------------------------------------------------- the derivation


def _slope_of_tanh(claim):
    back = claim.of_given and claim.kind == "gradient" and claim.by == ("A",)
    formula = claim.of_given and claim.kind == "gradient" and claim.by == ("W1",) and claim.worked_out
    return claim.traced and (back or formula or (claim.kind == "differential" and claim.of == "H"))


def _by_w1(claim):
    return claim.of_given and claim.traced and claim.kind == "gradient" and claim.by == ("W1",)


derivations = (
    DerivationTask(
        name="network",
        loss="L(W1, W2) = ½ ‖W2 tanh(W1 X) − Y‖²",
        shapes={"W1": ("h", "n"), "W2": ("m", "h"), "X": ("n", "p"), "Y": ("m", "p")},
        waypoints=(
            Waypoint("slope of tanh", "give the slope of tanh on the way to or from A", _slope_of_tanh),
            Waypoint("gradient by W1", "give the derivative by W1", _by_w1),
        ),
        right={
            "backwards": """
A = W_1 X
H = tanh(A)
P = W_2 H
L = ½ ‖P − Y‖_F²
dP = P − Y
dW2 = dP Hᵀ
dH = W_2ᵀ dP
dA = (1 − H²) ⊙ dH
dW1 = dA Xᵀ
""",
            "with partial derivatives": r"""
A = W_1 X
H = tanh(A)
P = W_2 H
L = \tfrac12 \|P - Y\|_F^2
∂L/∂P = P − Y
∂L/∂H = W_2ᵀ ∂L/∂P
∂L/∂A = (1 − H²) ⊙ ∂L/∂H
∂L/∂W_1 = ∂L/∂A Xᵀ
        = ((W_2ᵀ (P − Y)) ⊙ (1 − H²)) Xᵀ
""",
            "differentials": """
A = W1 X
H = tanh(A)
P = W2 H
L = 1/2 tr((P-Y)'(P-Y))
dL = tr((P-Y)' dP)
   = tr((P-Y)' W2 dH) + tr((P-Y)' dW2 H)
dH = (1 - H^2) ⊙ dA
dA = dW1 X
∇_{W1} L = ((W2'(P-Y)) ⊙ (1 - H^2)) X'
∇_{W2} L = (P-Y) H'
""",
            "with entrywise products as in Octave": """
A = W1 X;  H = tanh(A);  P = W2 H
L = 1/2 ||P - Y||^2
dL = <P - Y, dP>
dP = W2 dH      # W2 is fixed
dH = (1 - H.^2) .* dA
dA = dW1 X
dL = <P - Y, W2 ((1 - H.^2) .* (dW1 X))>
   = <W2' (P - Y), (1 - H.^2) .* (dW1 X)>
   = <(W2' (P - Y)) .* (1 - H.^2), dW1 X>
   = <((W2' (P - Y)) .* (1 - H.^2)) X', dW1>
grad_W1 L = ((W2' (P - Y)) .* (1 - H.^2)) X'
""",
        },
        wrong={
            "forgets the slope of tanh": """
A = W1 X
H = tanh(A)
P = W2 H
L = ½‖P − Y‖²
dP = P − Y
dH = W2ᵀ dP
dA = dH
dW1 = dA Xᵀ
""",
        },
    ),
)
