"""Wrong answers to gradient_check."""

import numpy as np

from autograder.answer_keys.build_the_checker.reference import numerical_gradient, relative_error
from autograder.problem_sets.key import mistake, patched


@mistake("gradient_check")
def used_an_absolute_tolerance(f, grad_f, x):
    """Large right gradients fail and small wrong ones pass, as with an absolute error. Take the relative."""
    x = np.asarray(x, dtype=float)
    for point in (x, 1.25 * x):
        analytic = np.asarray(grad_f(point.copy()))
        if analytic.shape != point.shape:
            return False
        numeric = numerical_gradient(f, point, 1e-5 * np.max(np.abs(point)))
        if not np.max(np.abs(analytic - numeric)) < 1e-6:
            return False
    return True


@mistake("gradient_check", shows="allclose() | isclose()")
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


@mistake("gradient_check", shows="not numerical_gradient()")
def compared_it_with_itself(f, grad_f, x):
    """Wrong gradients pass: you compare grad_f with itself. Compare it with numerical_gradient."""
    x = np.asarray(x, dtype=float)
    return relative_error(grad_f(x), grad_f(x)) < 1e-6


@mistake("gradient_check", shows="1e-05")
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


@mistake("gradient_check", shows="not shape")
def let_shapes_broadcast(f, grad_f, x):
    """You do not compare shapes. NumPy then stretches a single number to any shape, and it passes."""
    x = np.asarray(x, dtype=float)
    for point in (x, 1.25 * x):
        numeric = numerical_gradient(f, point, 1e-5 * np.max(np.abs(point)))
        if not relative_error(grad_f(point.copy()), numeric) < 1e-6:
            return False
    return True


@mistake("gradient_check", shows="flattens")
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
    """A gradient passes that is right in its first entry and wrong in others. Compare all entries."""
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
    """A gradient passes that is right at x and wrong at 1.25x. It must be right at both."""
    x = np.asarray(x, dtype=float)
    analytic = np.asarray(grad_f(x.copy()))
    if analytic.shape != x.shape:
        return False
    return bool(relative_error(analytic, numerical_gradient(f, x, 1e-5 * np.max(np.abs(x)))) < 1e-6)


was_too_generous = patched(
    "gradient_check",
    "1e-6",
    "5e-3",
    "A gradient that is off by a thousandth passes. Allow a relative error of 1e-6.",
)


@mistake("gradient_check", shows="== | array_equal() | array_equiv()")
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


let_nan_pass = patched(
    "gradient_check",
    "not relative_error(analytic, numeric) <",
    "relative_error(analytic, numeric) >",
    "nan passes your check: `nan > 1e-6` is False. Ask whether the error is small instead.",
)


@mistake("gradient_check")
def forgot_the_sign_of_the_error(f, grad_f, x):
    """A gradient that is too small passes, as when the error is negative. Take abs of it."""
    x = np.asarray(x, dtype=float)
    for point in (x, 1.25 * x):
        analytic = np.asarray(grad_f(point.copy()))
        if analytic.shape != point.shape:
            return False
        numeric = numerical_gradient(f, point, 1e-5 * np.max(np.abs(point)))
        if not np.max(analytic - numeric) / np.max(np.abs(numeric)) < 1e-6:
            return False
    return True


compared_sizes_only = patched(
    "gradient_check",
    "analytic, numeric",
    "np.abs(analytic), np.abs(numeric)",
    "A gradient with wrong signs passes. Subtract first, then take abs.",
)


@mistake("gradient_check")
def compared_directions_only(f, grad_f, x):
    """Half a gradient passes, which has the right direction. Its length counts too."""
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


compared_sums = patched(
    "gradient_check",
    "analytic, numeric",
    "np.sum(analytic), np.sum(numeric)",
    "You compare sums of entries. Two gradients can have the same sum and differ in every entry.",
    shows="sum() | mean()",
)


@mistake("gradient_check", shows="*=")
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


forgot_the_sign_in_the_step = patched(
    "gradient_check",
    "np.abs(point)",
    "point",
    "In the step, abs is missing: of negative numbers and a zero the largest is 0, and so is your h.",
    shows="max() | amax()",
)
added_up_the_step = patched(
    "gradient_check",
    "max",
    "sum",
    "Your step adds up all entries, and is too long where there are many. Take the largest entry alone.",
    shows="sum() | norm()",
)
moved_by_a_fixed_amount = patched(
    "gradient_check",
    "1.25 * x",
    "x + 0.25",
    "Your second point is x + 0.25. Where x is very large, that is no other point: take 1.25x.",
    shows="0.25",
)
