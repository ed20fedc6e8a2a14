"""L(z) = −Σ yᵢ log softmax(z)ᵢ, with ∂L/∂z = p − y for p = softmax(z) and Σy = 1.

With z = Wx, ∂L/∂W = (p − y)xᵀ, of W's shape (the chapter's hard exercise; the chapter leaves out
both Σy = 1, without which the gradient is (Σy)p − y, and the shift by max z that keeps exp finite).
"""

import numpy as np

from autograder.problem_sets.derivation_key import DerivationTask, condition_used, differentiated, gradient_by
from autograder.problem_sets.key import Check, Question, Term, mistake, shortcut, variant, wrong

points = 20
points_by_hand = 5


def softmax(z):
    z = np.asarray(z, dtype=float)
    powers = np.exp(z - z.max())
    return powers / powers.sum()


def cross_entropy(z, y):
    z, y = np.asarray(z, dtype=float), np.asarray(y, dtype=float)
    shifted = z - z.max()
    return float(y @ (np.log(np.exp(shifted).sum()) - shifted))


def cross_entropy_gradient(z, y):
    return softmax(z) - np.asarray(y, dtype=float)


def weights_gradient(W, x, y):
    return np.outer(cross_entropy_gradient(np.asarray(W) @ x, y), x)


def _cross_entropy_of_weights(W, x, y):
    return cross_entropy(W @ x, y)


loss = cross_entropy
gradient = cross_entropy_gradient


def instances(rng, scale=1.0):
    """Soft labels over 3, 5 and 7 classes with z = Wx; scale multiplies W and so the logits.

    The labels are unequal fractions that sum to 1: with them every label counts, and neither the
    loss nor the gradient comes near 0 however far apart the logits are.
    """
    made = []
    for m, n in ((3, 5), (5, 7), (7, 3)):
        x = rng.uniform(0.5, 1.5, n) * rng.choice([-1, 1], n)
        W = _weights(rng, m, x)
        parts = rng.permutation(np.arange(1.0, m + 1))
        made.append({"z": scale * W @ x, "y": parts / parts.sum(), "W": scale * W, "x": x})
    return made


def _weights(rng, m, x):
    """Weights whose two largest logits are clearly apart.

    Multiplied by a large scale, the loss bends sharply where two logits tie for the largest.
    Close to such a bend no difference quotient can tell the slope.
    """
    while True:
        W = rng.uniform(0.3, 1.2, (m, x.size)) * rng.choice([-1, 1], (m, x.size))
        *_, second, first = np.sort(W @ x)
        if first - second > 0.2:
            return W


def _one_hot(instance):
    """The same instance with one true class: the middle logit, so that the loss is not near 0."""
    middle = np.argsort(instance["z"])[len(instance["z"]) // 2]
    return {**instance, "y": np.eye(len(instance["z"]))[middle]}


def _soft(rng):
    return instances(rng)[:2]


def _ordinary(rng):
    return [_one_hot(instance) for instance in instances(rng)]


def _weights_for(rng, z, n, largest):
    """W and x of n numbers with Wx = z, all of them whole but for those in z."""
    x = rng.integers(1, 4, n) * rng.choice([-1, 1], n)
    x[0] = rng.choice([-1, 1])
    W = rng.integers(-largest, largest + 1, (len(z), n)).astype(z.dtype)
    W[:, 0] = (z - W[:, 1:] @ x[1:]) * x[0]
    return W, x


def _whole(rng):
    """Whole numbers whose logits Wx all differ and lie close together."""
    made = []
    for m, n in ((3, 5), (5, 3)):
        z = rng.choice(np.arange(-3, 4), m, replace=False)
        W, x = _weights_for(rng, z, n, 2)
        instance = _one_hot({"W": W, "x": x, "z": z})
        made.append({**instance, "y": instance["y"].astype(int)})
    return made


def _thousand(rng):
    return rng.integers(3900, 4100) / 4


def _steps(rng, n):
    """Differences between logits: quarters, so that every logit is exact in float32 too."""
    return np.sort(rng.choice(np.arange(2, 12), n, replace=False)) / 4


def _extreme(rng):
    """Here exp(z) overflows, or every exp(z) underflows.

    The last instance has all its mass on the true class: its loss is 0, and 0·log 0 must not make it nan.
    """
    a, b, c, d, e, f, g = (_thousand(rng) for _ in range(7))
    near, far = _steps(rng, 2)
    less, more = _steps(rng, 2)
    up = _steps(rng, 1)[0]
    return [
        {"z": np.array([a, a - far, -b, a - near, rng.integers(-4, 5) / 4]), "y": np.eye(5)[2]},
        {"z": np.array([-c, less - c, -more - c]), "y": np.eye(3)[2]},
        {"z": np.array([-d, e, -d, -d, up - d]), "y": np.eye(5)[4]},
        {"z": np.array([rng.integers(-4, 5) / 4, f, -g]), "y": np.eye(3)[1]},
    ]


def _extreme_weights(rng):
    """Weights that give logits near ±1000, in sums of quarters that are exact in float32 too."""
    a, b, c = (_thousand(rng) for _ in range(3))
    near, far = _steps(rng, 2)
    made = []
    for z, n, true in (([a, -b, a - near], 5, 1), ([-c, far - c, -near - c, near - c, -far - c], 3, 2)):
        W, x = _weights_for(rng, np.array(z), n, 200)
        made.append({"W": W, "x": 1.0 * x, "y": np.eye(len(z))[true]})
    return made


questions = (
    Question(
        softmax,
        (
            Check("ordinary logits", "3, 5 and 7 logits of ordinary size", 2, _ordinary),
            Check("whole numbers", "logits that are whole numbers", 1, _whole),
            Check("logits of ±1000", "logits around 1000 and −1000", 1, _extreme),
        ),
    ),
    Question(
        cross_entropy,
        (
            Check("ordinary logits, one-hot labels", "3, 5 and 7 classes with one true class", 3, _ordinary),
            Check("soft labels", "labels that share out 1 over all classes", 1, _soft),
            Check("logits of ±1000", "logits around 1000 and −1000", 1, _extreme),
        ),
    ),
    Question(
        cross_entropy_gradient,
        (
            Check(
                "ordinary logits, one-hot labels",
                "3, 5 and 7 classes with one true class",
                3,
                _ordinary,
                harness=True,
            ),
            Check("soft labels", "labels that share out 1 over all classes", 1, _soft),
            Check("whole numbers", "logits and labels that are whole numbers", 1, _whole),
            Check("logits of ±1000", "logits around 1000 and −1000", 1, _extreme),
        ),
        differentiates=cross_entropy,
    ),
    Question(
        weights_gradient,
        (
            Check(
                "ordinary weights, one-hot labels",
                "weights of 3 by 5, 5 by 7 and 7 by 3 with one true class",
                3,
                _ordinary,
                harness=True,
            ),
            Check("soft labels", "labels that share out 1 over all classes", 1, _soft),
            Check("whole numbers", "weights, inputs and labels that are whole numbers", 1, _whole),
            Check("logits of ±1000", "weights with Wx around 1000 and −1000", 1, _extreme_weights),
        ),
        differentiates=_cross_entropy_of_weights,
    ),
)

terms = {
    "cross_entropy_gradient": (
        Term("softmax(z)", lambda z, y: softmax(z)),
        Term("y", lambda z, y: np.asarray(y, dtype=float)),
        Term("1", lambda z, y: np.ones(len(z))),
    ),
    "weights_gradient": (
        Term("softmax(Wx)xᵀ", lambda W, x, y: np.outer(softmax(W @ x), x)),
        Term("yxᵀ", lambda W, x, y: np.outer(y, x)),
        Term("Wx·xᵀ", lambda W, x, y: np.outer(W @ x, x)),
    ),
}

equivalent = {
    (
        "softmax",
        "without z = np.asarray(z, dtype=float)",
    ): "the tests hand over arrays, and the shift makes floats",
    (
        "cross_entropy",
        "without z, y = (np.asarray(z, dtype=float), np.asarray(y, dtype=float))",
    ): "the tests hand over arrays, and the shift makes floats",
    ("cross_entropy", "return float((np.log(np.exp(shifted).sum()) - shifted) @ y)"): "yᵀv = vᵀy",
}


# ---------------------------------------------------------------- wrong answers: softmax


@mistake("softmax", shows="exp() & not max() & not amax()")
def exponentials_without_a_shift(z):
    """You take exp of the logits as they are, which overflows above 709. Subtract max z first."""
    return np.exp(z) / np.sum(np.exp(z))


@mistake("softmax", shows="max() | amax()")
def shifted_above_only(z):
    """You subtract max z above the fraction line but not below it. Both need the same shift."""
    return np.exp(z - np.max(z)) / np.sum(np.exp(z))


@mistake("softmax", shows="max() | amax()")
def shifted_below_only(z):
    """You subtract max z below the fraction line but not above it. Both need the same shift."""
    return np.exp(z) / np.sum(np.exp(z - np.max(z)))


@mistake("softmax", shows="clip() | minimum() | maximum()")
def clipped_the_logits(z):
    """You clip the logits, which makes all large ones equal. Subtract max z instead: it loses nothing."""
    e = np.exp(np.clip(z, -500, 500))
    return e / np.sum(e)


@mistake("softmax")
def divided_by_the_largest_logit(z):
    """You divide the logits by the largest, which changes the result. Subtract max z instead."""
    e = np.exp(z / np.max(np.abs(z)))
    return e / np.sum(e)


@mistake("softmax", shows="exp()")
def guarded_the_denominator(z):
    """A tiny number below the fraction line does not stop exp from overflowing. Subtract max z first."""
    e = np.exp(z)
    return e / (np.sum(e) + 1e-12)


@mistake("softmax", shows="mean() | average()")
def shifted_by_the_mean(z):
    """You shift by the mean, and a logit far above it still overflows. Shift by max z."""
    e = np.exp(z - np.mean(z))
    return e / np.sum(e)


@mistake("softmax", shows="min() | amin()")
def shifted_by_the_smallest(z):
    """You shift by the smallest logit, and a logit far above it still overflows. Shift by max z."""
    e = np.exp(z - np.min(z))
    return e / np.sum(e)


@mistake("softmax", shows="abs() | absolute() | fabs() | norm()")
def shifted_by_the_largest_size(z):
    """You shift by max |z|. When all logits are far below 0, every exp becomes 0. Shift by max z."""
    e = np.exp(z - np.max(np.abs(z)))
    return e / np.sum(e)


@mistake("softmax")
def left_out_the_exponential(z):
    """You divide the logits by their sum. Take exp of each logit first: it makes them positive."""
    return z / np.sum(z)


left_out_the_denominator = wrong(
    "softmax", "np.exp(z - np.max(z))", "Your numbers do not sum to 1. Divide the exponentials by their sum."
)


@mistake("softmax")
def divided_by_the_length(z):
    """You divide by the length of the vector, the root of the sum of squares. Divide by the sum."""
    e = np.exp(z - np.max(z))
    return e / np.linalg.norm(e)


@mistake("softmax")
def divided_by_the_mean(z):
    """You divide by the mean of the exponentials. Divide by their sum, so that the result sums to 1."""
    e = np.exp(z - np.max(z))
    return e / np.mean(e)


@mistake("softmax")
def returned_the_logarithm(z):
    """You returned log softmax(z). Softmax itself is positive and sums to 1."""
    shifted = z - np.max(z)
    return shifted - np.log(np.sum(np.exp(shifted)))


@mistake("softmax")
def picked_the_largest(z):
    """You give all probability to the largest logit. Softmax gives every class a share."""
    p = np.zeros(len(z))
    p[np.argmax(z)] = 1.0
    return p


@mistake("softmax")
def sigmoid_of_each_logit(z):
    """You took the sigmoid of each logit alone. In softmax all classes share one denominator."""
    return 1 / (1 + np.exp(-z))


@mistake("softmax", shows="-=")
def shifted_in_place(z):
    """You changed z itself. Write z - np.max(z), which makes a new array, not z -= np.max(z)."""
    z -= np.max(z)
    return np.exp(z) / np.sum(np.exp(z))


@mistake("softmax", shows="made like")
def stored_in_whole_numbers(z):
    """An array made like z holds whole numbers when z does, and cuts fractions off. Use np.zeros(len(z))."""
    p = np.zeros_like(z)
    for i in range(len(z)):
        p[i] = np.exp(z[i] - np.max(z)) / np.sum(np.exp(z - np.max(z)))
    return p


@mistake("softmax")
def divided_by_five_powers(z):
    """You divide by the sum of the first five powers. Do not write a length in: add them all."""
    powers = np.exp(z - np.max(z))
    return powers / powers[:5].sum()


# ---------------------------------------------------------------- wrong answers: cross_entropy


@mistake("cross_entropy", shows="log()")
def logarithm_of_softmax(z, y):
    """Far apart logits make a probability 0, and its log is −∞. Compute zᵢ minus log-sum-exp instead."""
    return -np.sum(y * np.log(softmax(z)))


@mistake("cross_entropy")
def tiny_number_in_the_logarithm(z, y):
    """With 1e-12 inside the log, no term can exceed 27.6. Compute zᵢ minus log-sum-exp instead."""
    return -np.sum(y * np.log(softmax(z) + 1e-12))


@mistake("cross_entropy", shows="clip() | minimum() | maximum()")
def squeezed_the_logits(z, y):
    """You clip the logits, so a loss beyond the limits is wrong. Shift them by max z instead."""
    z = np.clip(z, -50, 50)
    return np.log(np.sum(np.exp(z))) - np.sum(y * z)


@mistake("cross_entropy", shows="exp() & not max() & not amax()")
def log_sum_exp_without_a_shift(z, y):
    """Your log-sum-exp overflows for large logits. Subtract max z inside, and add it back outside."""
    return np.log(np.sum(np.exp(z))) - np.sum(y * z)


@mistake("cross_entropy", shows="max() | amax()")
def shift_not_added_back(z, y):
    """You subtract max z inside log-sum-exp, but do not add it back outside the logarithm."""
    return np.log(np.sum(np.exp(z - np.max(z)))) - np.sum(y * z)


@mistake("cross_entropy", shows="max() | amax()")
def shifted_the_picked_logit_only(z, y):
    """You subtract max z from the logits, but not inside log-sum-exp. Both need the same shift."""
    return np.log(np.sum(np.exp(z))) - np.sum(y * (z - np.max(z)))


@mistake("cross_entropy")
def forgot_the_minus(z, y):
    """The minus in front is missing: a loss built from logarithms of probabilities is never negative."""
    shifted = z - np.max(z)
    return np.sum(y * (shifted - np.log(np.sum(np.exp(shifted)))))


@mistake("cross_entropy")
def averaged_over_classes(z, y):
    """You averaged over the classes. Cross-entropy is a sum: no 1/m."""
    shifted = z - np.max(z)
    return -np.mean(y * (shifted - np.log(np.sum(np.exp(shifted)))))


@mistake("cross_entropy")
def kept_one_number_a_class(z, y):
    """You returned one number for each class. Add them up: a loss is one number."""
    shifted = z - np.max(z)
    return -y * (shifted - np.log(np.sum(np.exp(shifted))))


@mistake("cross_entropy")
def left_out_log_sum_exp(z, y):
    """You have −Σ yᵢzᵢ. The logarithm of softmax has a second part, log-sum-exp, and it is missing."""
    return -np.sum(y * z)


@mistake("cross_entropy", shows="log() & not softmax() & not exp()")
def skipped_the_softmax(z, y):
    """Your loss is nan. So is the log of a negative logit: softmax comes first, then the log."""
    return -np.sum(y * np.log(z))


@mistake("cross_entropy")
def only_the_most_likely_label(z, y):
    """You use only the largest label. With soft labels, every class counts with its own yᵢ."""
    shifted = z - np.max(z)
    return np.log(np.sum(np.exp(shifted))) - shifted[np.argmax(y)]


@mistake("cross_entropy")
def every_label_counted_whole(z, y):
    """You count every class with a label above 0 as a whole one. Weigh it with its own yᵢ."""
    shifted = z - np.max(z)
    return np.sum((np.log(np.sum(np.exp(shifted))) - shifted)[y > 0])


@mistake("cross_entropy")
def divided_by_the_labels(z, y):
    """You have −Σ yᵢ log(pᵢ/yᵢ), the divergence of y from p. Cross-entropy does not divide by yᵢ."""
    shifted = z - np.max(z)
    log_p = shifted - np.log(np.sum(np.exp(shifted)))
    return np.sum(y[y > 0] * (np.log(y[y > 0]) - log_p[y > 0]))


@mistake("cross_entropy")
def logarithm_outside_the_sum(z, y):
    """You have −log Σ yᵢpᵢ, which fits only one-hot labels. Take the log of each pᵢ, then weigh and add."""
    return -np.log(np.sum(y * softmax(z)))


@mistake("cross_entropy")
def swapped_labels_and_probabilities(z, y):
    """You swapped p and y. The label yᵢ stands in front, and the log is taken of the probability."""
    return -np.sum(softmax(z) * np.log(y))


@mistake("cross_entropy")
def squared_error(z, y):
    """You computed ‖p − y‖², the squared error. Cross-entropy takes logarithms of p."""
    return np.sum((softmax(z) - y) ** 2)


@mistake("cross_entropy")
def logarithm_to_base_two(z, y):
    """You used the logarithm to base 2. Cross-entropy here uses the natural one, np.log."""
    shifted = z - np.max(z)
    return -np.sum(y * (shifted - np.log(np.sum(np.exp(shifted))))) / np.log(2)


@mistake("cross_entropy")
def yes_or_no_for_each_class(z, y):
    """You added (1 − yᵢ) log(1 − pᵢ), which belongs to yes-or-no questions. Here only yᵢ log pᵢ is summed."""
    p = softmax(z)
    return -np.sum(y * np.log(p) + (1 - y) * np.log(1 - p))


@mistake("cross_entropy")
def added_five_powers(z, y):
    """The sum inside the log stops after five powers. Every class has a part in it."""
    shifted = z - np.max(z)
    return float(np.asarray(y, dtype=float) @ (np.log(np.exp(shifted[:5]).sum()) - shifted))


# ---------------------------------------------------------------- wrong answers: cross_entropy_gradient


@mistake("cross_entropy_gradient")
def pointed_downhill(z, y):
    """Your gradient has the opposite sign: it points downhill. Check the minus in front of the sum."""
    return y - softmax(z)


@mistake("cross_entropy_gradient")
def forgot_the_labels(z, y):
    """You differentiated only log-sum-exp. The term −Σ yᵢzᵢ depends on z too."""
    return softmax(z)


@mistake("cross_entropy_gradient")
def forgot_log_sum_exp(z, y):
    """You differentiated only −Σ yᵢzᵢ. The log-sum-exp depends on every logit too."""
    return -1.0 * y


@mistake("cross_entropy_gradient")
def stopped_at_the_probabilities(z, y):
    """−yᵢ/pᵢ is the derivative with respect to pᵢ. The chain rule goes on: p depends on z."""
    return -y / softmax(z)


@mistake("cross_entropy_gradient")
def own_probability_only(z, y):
    """You let zᵢ move only pᵢ. It moves every other probability too, through the shared denominator."""
    return -y * (1 - softmax(z))


@mistake("cross_entropy_gradient")
def added_instead_of_subtracted(z, y):
    """Raising zᵢ raises pᵢ and lowers the others. You gave both parts the same sign."""
    return -y - softmax(z)


@mistake("cross_entropy_gradient", shows="exp() & not max() & not amax()")
def gradient_without_a_shift(z, y):
    """The exp in your gradient overflows for large logits. Call your own softmax, which shifts by max z."""
    return np.exp(z) / np.sum(np.exp(z)) - y


@mistake("cross_entropy_gradient", shows="max() | amax()")
def gradient_shifted_above_only(z, y):
    """You subtract max z above the fraction line but not below it. Call your own softmax instead."""
    return np.exp(z - np.max(z)) / np.sum(np.exp(z)) - y


@mistake("cross_entropy_gradient", shows="clip() | minimum() | maximum()")
def gradient_with_clipped_logits(z, y):
    """You clip the logits, which makes all large ones equal. Call your own softmax instead."""
    e = np.exp(np.clip(z, -500, 500))
    return e / np.sum(e) - y


@mistake("cross_entropy_gradient")
def took_one_from_the_largest_label(z, y):
    """You subtract 1 at the largest label, which fits only one-hot labels. Every yᵢ counts."""
    grad = softmax(z)
    grad[np.argmax(y)] -= 1
    return grad


@mistake("cross_entropy_gradient")
def took_one_from_every_label(z, y):
    """You subtract 1 wherever the label is above 0, which fits only one-hot labels. Use yᵢ itself."""
    return softmax(z) - (y > 0)


@mistake("cross_entropy_gradient")
def forgot_the_label_weights(z, y):
    """You added log-sum-exp once for each class. Term i carries the weight yᵢ, and the weights sum to 1."""
    return len(z) * softmax(z) - y


@mistake("cross_entropy_gradient")
def averaged_over_the_classes(z, y):
    """You divided by the number of classes. The loss is a sum over the classes: no 1/m."""
    return (softmax(z) - y) / len(z)


@mistake("cross_entropy_gradient")
def logits_for_probabilities(z, y):
    """You used the logits where probabilities belong. Differentiate log-sum-exp once more."""
    return z - y


@mistake("cross_entropy_gradient")
def derivative_of_the_sigmoid(z, y):
    """p(1 − p) is how pᵢ changes with zᵢ. The loss is wanted: it has labels and a logarithm."""
    p = softmax(z)
    return p * (1 - p)


@mistake("cross_entropy_gradient")
def differentiated_the_squared_error(z, y):
    """You differentiated ‖p − y‖². The loss here is −Σ yᵢ log pᵢ."""
    p = softmax(z)
    return 2 * (np.diag(p) - np.outer(p, p)) @ (p - y)


@mistake("cross_entropy_gradient")
def doubled_the_gradient(z, y):
    """There is a factor 2 too many. Nothing in this loss is squared."""
    return 2 * (softmax(z) - y)


@mistake("cross_entropy_gradient")
def added_the_coordinates(z, y):
    """You added the partial derivatives up. A gradient keeps one number for each logit."""
    return np.sum(softmax(z) - y)


@mistake("cross_entropy_gradient")
def turned_into_a_column(z, y):
    """You returned a column of shape (m, 1). z has shape (m,), and so has its gradient."""
    return (softmax(z) - y)[:, None]


@mistake("cross_entropy_gradient", shows="-=")
def changed_the_labels(z, y):
    """You changed y itself. Write y - p, which makes a new array, not y -= p."""
    y -= softmax(z)
    return -y


@mistake("cross_entropy_gradient", shows="made like")
def gradient_in_whole_numbers(z, y):
    """An array made like y holds whole numbers when y does, and cuts each entry off. Use np.zeros(len(y))."""
    grad = np.zeros_like(y)
    p = softmax(z)
    for i in range(len(y)):
        grad[i] = p[i] - y[i]
    return grad


@mistake("cross_entropy_gradient")
def normalised_over_five_classes(z, y):
    """Your p is normalised over the first five classes only. Its sum over all of them is 1."""
    powers = np.exp(z - np.max(z))
    return powers / powers[:5].sum() - y


@shortcut("cross_entropy_gradient")
def took_an_imaginary_step(z, y):
    grad = np.zeros(z.shape)
    for i in np.ndindex(z.shape):
        step = np.zeros(z.shape, dtype=complex)
        step[i] = 1e-20j
        s = z - np.max(z) + step
        grad[i] = np.imag(np.sum(y * (np.log(np.sum(np.exp(s))) - s))) / 1e-20
    return grad


# ---------------------------------------------------------------- wrong answers: weights_gradient


@mistake("weights_gradient")
def transposed(W, x, y):
    """You returned the transpose. The gradient has the shape of W: a row for each logit."""
    return np.outer(x, softmax(W @ x) - y)


@mistake("weights_gradient")
def stopped_at_the_logits(W, x, y):
    """You stopped at ∂L/∂z. One more step of the chain rule leads to W: zᵢ = Σⱼ Wᵢⱼxⱼ."""
    return softmax(W @ x) - y


@mistake("weights_gradient")
def gradient_of_the_input(W, x, y):
    """You differentiated with respect to x, which brings in Wᵀ. Hold x still and move W."""
    return W.T @ (softmax(W @ x) - y)


@mistake("weights_gradient", shows="difference * x | … * x | x * … | x * difference")
def multiplied_entry_by_entry(W, x, y):
    """You multiplied two vectors of different lengths entry by entry. An outer product pairs all entries."""
    return (softmax(W @ x) - y) * x


@mistake("weights_gradient")
def weights_gradient_downhill(W, x, y):
    """Your gradient has the opposite sign: it points downhill."""
    return np.outer(y - softmax(W @ x), x)


@mistake("weights_gradient")
def weights_gradient_without_labels(W, x, y):
    """The labels are missing. ∂L/∂z, which you found before, depends on y."""
    return np.outer(softmax(W @ x), x)


@mistake("weights_gradient")
def weights_gradient_without_softmax(W, x, y):
    """You used the logits Wx where probabilities belong. Apply softmax to them."""
    return np.outer(W @ x - y, x)


@mistake("weights_gradient")
def gradient_of_least_squares(W, x, y):
    """You have the gradient of ‖Wx − y‖². The loss here is cross-entropy."""
    return 2 * np.outer(W @ x - y, x)


@mistake("weights_gradient")
def multiplied_with_the_weights(W, x, y):
    """You multiplied with W. The derivative of zᵢ = Σⱼ Wᵢⱼxⱼ with respect to Wᵢⱼ is xⱼ."""
    return (softmax(W @ x) - y)[:, None] * W


@mistake("weights_gradient", shows="exp() & not max() & not amax()")
def weights_gradient_without_a_shift(W, x, y):
    """The exp in your gradient overflows for large logits. Call your own softmax, which shifts by max z."""
    z = W @ x
    return np.outer(np.exp(z) / np.sum(np.exp(z)) - y, x)


@mistake("weights_gradient")
def weights_gradient_of_the_largest_label(W, x, y):
    """You use only the largest label, which fits only one-hot labels. Every yᵢ counts."""
    error = softmax(W @ x)
    error[np.argmax(y)] -= 1
    return np.outer(error, x)


@mistake("weights_gradient")
def averaged_over_the_inputs(W, x, y):
    """You divided by the number of inputs. The loss is no average: no 1/n."""
    return np.outer(softmax(W @ x) - y, x) / len(x)


@mistake("weights_gradient")
def averaged_over_the_logits(W, x, y):
    """You divided by the number of logits. The loss is a sum over the classes: no 1/m."""
    return np.outer(softmax(W @ x) - y, x) / len(y)


@mistake("weights_gradient")
def took_a_descent_step(W, x, y):
    """You returned W minus the gradient, a step of descent. The gradient alone is asked for."""
    return W - np.outer(softmax(W @ x) - y, x)


@mistake("weights_gradient")
def flattened(W, x, y):
    """You returned the numbers in one long row. The gradient has the shape of W."""
    return np.outer(softmax(W @ x) - y, x).ravel()


@mistake("weights_gradient", shows="made like")
def weights_gradient_in_whole_numbers(W, x, y):
    """An array made like W holds whole numbers when W does, and cuts entries off. Use np.zeros(W.shape)."""
    grad = np.zeros_like(W)
    error = softmax(W @ x) - y
    for i in range(W.shape[0]):
        for j in range(W.shape[1]):
            grad[i, j] = error[i] * x[j]
    return grad


@mistake("weights_gradient")
def kept_five_rows(W, x, y):
    """Your gradient has five rows at most. It has W's shape: a row for each class."""
    return np.outer(cross_entropy_gradient(np.asarray(W) @ x, y), x)[:5]


@shortcut("weights_gradient")
def took_an_imaginary_step_in_the_weights(W, x, y):
    grad = np.zeros(W.shape)
    for i in np.ndindex(W.shape):
        step = np.zeros(W.shape, dtype=complex)
        step[i] = 1e-20j
        s = W @ x - np.max(W @ x) + step @ x
        grad[i] = np.imag(np.sum(y * (np.log(np.sum(np.exp(s))) - s))) / 1e-20
    return grad


# ---------------------------------------------------------------- right answers
# Single precision stands only where no later function builds on the answer: softmax in float32 minus
# labels in float64 looks like float64, and is then rightly held to float64's precision.


@variant("softmax")
def in_a_loop(z):
    top = max(z)
    p = np.zeros(len(z))
    for i in range(len(z)):
        p[i] = np.exp(z[i] - top)
    return p / sum(p)


@variant("softmax")
def through_log_sum_exp(z):
    return np.exp(z - np.logaddexp.reduce(np.asarray(z, dtype=float)))


@variant("softmax")
def softmax_as_a_list(z):
    e = [float(np.exp(entry - max(z))) for entry in z]
    return [entry / sum(e) for entry in e]


@variant("softmax")
def from_pairwise_differences(z):
    z = np.asarray(z, dtype=float)
    with np.errstate(over="ignore"):  # 1/∞ is the 0 that is wanted
        return 1 / np.exp(z[None, :] - z[:, None]).sum(axis=1)


@variant("cross_entropy")
def log_sum_exp_minus_the_labelled_logits(z, y):
    top = np.max(z)
    return top + np.log(np.sum(np.exp(z - top))) - np.dot(y, z)


@variant("cross_entropy")
def loss_in_a_loop(z, y):
    top = max(z)
    log_sum_exp = top + np.log(sum(np.exp(entry - top) for entry in z))
    total = 0.0
    for i in range(len(z)):
        total -= y[i] * (z[i] - log_sum_exp)
    return total


@variant("cross_entropy")
def with_logaddexp(z, y):
    return np.einsum("i,i->", np.asarray(y, dtype=float), np.logaddexp.reduce(np.asarray(z, dtype=float)) - z)


@variant("cross_entropy")
def loss_only_where_labelled(z, y):
    z, y = np.asarray(z, dtype=float), np.asarray(y, dtype=float)
    log_p = z - z.max() - np.log(np.exp(z - z.max()).sum())
    return -np.sum(y[y > 0] * log_p[y > 0])


@variant("cross_entropy")
def loss_in_single_precision(z, y):
    z, y = np.asarray(z, dtype=np.float32), np.asarray(y, dtype=np.float32)
    log_p = z - z.max()
    log_p = log_p - np.log(np.exp(log_p).sum())
    return -(y * log_p).sum()


@variant("cross_entropy_gradient")
def entry_by_entry(z, y):
    p = softmax(z)
    grad = np.zeros(len(z))
    for k in range(len(z)):
        grad[k] = p[k] - y[k]
    return grad


@variant("cross_entropy_gradient")
def gradient_as_a_list(z, y):
    return [float(a) - float(b) for a, b in zip(softmax(z), y, strict=True)]


@variant("cross_entropy_gradient")
def for_any_sum_of_labels(z, y):
    return np.sum(y) * softmax(z) - y


@variant("cross_entropy_gradient")
def by_the_jacobian_of_log_softmax(z, y):
    jacobian = np.eye(len(z)) - np.outer(np.ones(len(z)), softmax(z))
    return -jacobian.T @ y


@variant("cross_entropy_gradient")
def expanded(z, y):
    e = np.exp(z - np.max(z))
    return (e - y * np.sum(e)) / np.sum(e)


@variant("weights_gradient")
def with_einsum(W, x, y):
    return np.einsum("i,j->ij", softmax(np.einsum("ij,j->i", W, x)) - y, x)


@variant("weights_gradient")
def column_times_row(W, x, y):
    return (softmax(W @ x) - y).reshape(-1, 1) @ np.asarray(x).reshape(1, -1)


@variant("weights_gradient")
def weights_in_a_loop(W, x, y):
    grad = np.zeros(W.shape)
    p = softmax(W @ x)
    for i in range(W.shape[0]):
        for j in range(W.shape[1]):
            grad[i, j] = (p[i] - y[i]) * x[j]
    return grad


@variant("weights_gradient")
def by_the_kronecker_product(W, x, y):
    return np.kron(cross_entropy_gradient(W @ x, y), x).reshape(W.shape)


@variant("weights_gradient")
def rows_as_lists(W, x, y):
    return [[float(e * entry) for entry in x] for e in cross_entropy_gradient(W @ x, y)]


@variant("weights_gradient")
def weights_in_single_precision(W, x, y):
    W, x, y = np.asarray(W, np.float32), np.asarray(x, np.float32), np.asarray(y, np.float32)
    z = W @ x
    e = np.exp(z - z.max())
    return np.outer(e / e.sum() - y, x)


# ---------------------------------------------------------------- the derivation


derivations = (
    DerivationTask(
        name="derivation",
        loss="f(z) = −Σ_k y_k log(softmax(z)_k)",
        shapes={"z": ("n",), "y": ("n",)},
        where={"y": "sums to 1"},
        waypoints=(
            differentiated(),
            condition_used("y"),
            gradient_by("z"),
        ),
        right={
            "by components": """
S = Σ_j e^{z_j}
p_k = e^{z_k} / S
f(z) = −Σ_k y_k log p_k
     = −Σ_k y_k z_k + Σ_k y_k log S
     = −Σ_k y_k z_k + log S          # Σ y = 1
∂S/∂z_i = e^{z_i}
∂f/∂z_i = −y_i + (1/S) ∂S/∂z_i
        = −y_i + e^{z_i}/S
        = p_i − y_i
∇f(z) = p − y
""",
            "differentials": """
p = softmax(z)
f = −yᵀ log p
  = −yᵀ z + log(1ᵀ exp(z))
df = −yᵀ dz + (exp(z)ᵀ dz)/(1ᵀ exp(z))
   = −yᵀ dz + pᵀ dz
   = (p − y)ᵀ dz
∇f = p − y
""",
            "in ASCII": """
p_i = exp(z_i) / sum_j exp(z_j)
L = - sum_i y_i log(p_i)
dp_i/dz_j = p_i (1 - p_j)  if i = j
dp_i/dz_j = - p_i p_j      if i != j
dL/dz_j = - sum_i y_i (1/p_i) dp_i/dz_j
        = - y_j (1 - p_j) + sum_{i≠j} y_i p_j
        = - y_j + p_j sum_i y_i
        = p_j - y_j
grad L = p - y
""",
        },
        wrong={
            "only the term of z_i": """
p = softmax(z)
L = −Σ_k y_k log p_k
∂L/∂z_j = −y_j (1 − p_j)
∇_z L = p − y
""",
            "the sign": """
p = softmax(z)
L = −Σ_k y_k log p_k
∂L/∂z_j = p_j Σ_k y_k − y_j
 = y_j − p_j
""",
        },
    ),
)
