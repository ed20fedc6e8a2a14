"""Wrong answers to relative_error."""

import numpy as np

from autograder.problem_sets.key import mistake


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


@mistake("relative_error", shows="/")
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


@mistake("relative_error", shows="/=")
def divided_in_place(a, b):
    """`/=` cannot put fractions into an array of whole numbers. Write `error / largest`, a new array."""
    error = np.abs(a - b)
    largest = max(np.max(np.abs(a)), np.max(np.abs(b)))
    if largest:
        error /= largest
    return np.max(error)
