"""Build the checker: numerical_gradient, relative_error, gradient_check, complex_step_derivative.

Here functions are arguments: students' checkers are handed right and wrong gradients. The key is
the longest, so it is a package: the right functions, what they are tried on, a module of wrong
answers to each, and right answers in other styles.
"""

from autograder.answer_keys.build_the_checker import (
    inputs,
    right_answers,
    wrong_complex_steps,
    wrong_gradient_checks,
    wrong_numerical_gradients,
    wrong_relative_errors,
)
from autograder.answer_keys.build_the_checker.reference import (
    complex_step_derivative,
    gradient_check,
    numerical_gradient,
    relative_error,
)
from autograder.problem_sets.key import Check, Question

points = 20
points_by_hand = 5
instances = inputs.instances
catalogues = (
    wrong_numerical_gradients,
    wrong_relative_errors,
    wrong_gradient_checks,
    wrong_complex_steps,
    right_answers,
)

questions = (
    Question(
        numerical_gradient,
        (
            Check("vectors", "functions of 3, 4 and 5 numbers", 2, inputs.vectors),
            Check("matrices and larger arrays", "functions of 2 and 3 dimensions", 1.5, inputs.arrays),
            Check("whole numbers", "arrays of whole numbers", 1, inputs.whole),
            Check("very large and very small", "numbers near a million and a ten-thousandth", 1, inputs.far),
            Check(
                "how often f is called",
                "a function that counts its calls",
                1,
                inputs.seven,
                calls=lambda f, x, h: 2 * x.size,
            ),
        ),
    ),
    Question(
        relative_error,
        (
            Check("ordinary vectors", "pairs of vectors, more and less alike", 2, inputs.pairs),
            Check("negative numbers", "pairs whose largest entry is negative", 1, inputs.negative),
            Check("matrices", "pairs of matrices", 1, inputs.matrices),
            Check("whole numbers", "pairs of whole numbers", 0.5, inputs.whole_pairs),
            Check("very large and very small", "numbers near 10⁹, 10⁻⁹ and 10⁻¹⁵⁰", 1, inputs.far_pairs),
            Check("zeros", "pairs with zeros, and two arrays of zeros", 1, inputs.zero_pairs),
        ),
    ),
    Question(
        gradient_check,
        (
            Check(
                "right and wrong gradients", "functions with right and with wrong gradients", 2, inputs.plain
            ),
            Check(
                "nearly right gradients",
                "gradients that are off by little, or in one entry",
                1.5,
                inputs.nearly,
            ),
            Check(
                "matrices",
                "functions of a matrix, with gradients right, halved and transposed",
                1,
                inputs.in_matrices,
            ),
            Check("wrong shapes", "gradients of the wrong shape", 1, inputs.shapes),
            Check("whole numbers", "x made of whole numbers", 1, inputs.whole_points),
            Check("very large and very small", "x near 100,000 and near 0.00001", 1.5, inputs.far_points),
            Check("right at one point only", "a gradient that ignores its argument", 1, inputs.two_points),
            Check("nan", "a gradient that is not a number", 0.5, inputs.with_nan),
        ),
    ),
    Question(
        complex_step_derivative,
        (
            Check("single numbers", "functions of one number", 2, inputs.numbers_to_step),
            Check("arrays", "functions applied entry by entry", 1, inputs.arrays_to_step),
            Check("whole numbers", "arrays of whole numbers", 1, inputs.whole_to_step),
            Check(
                "where differences fail", "functions on which a difference loses its digits", 1.5, inputs.hard
            ),
            Check(
                "how often f is called",
                "a function that counts its calls",
                0.5,
                inputs.one_array_to_step,
                calls=lambda f, x: 1,
            ),
        ),
    ),
)

equivalent = {
    (
        "numerical_gradient",
        "without x = np.asarray(x, dtype=float)",
    ): "the tests hand over arrays, and x ± step makes floats of whole numbers",
    ("numerical_gradient", "grad = np.ones(x.shape)"): "the loop puts a slope into every entry",
    ("relative_error", "largest = max(np.max(np.abs(b)), np.max(np.abs(a)))"): "max(p, q) = max(q, p)",
    (
        "relative_error",
        "return float(np.max(np.abs(np.subtract(b, a))) / largest) if largest else 0.0",
    ): "|b − a| = |a − b|",
    (
        "gradient_check",
        "without x = np.asarray(x, dtype=float)",
    ): "the tests hand over arrays, and numerical_gradient and the gradients tried take whole numbers too",
    ("gradient_check", "for point in (x, 0.25 * x):"): "0.25x is as good a second point as 1.25x",
    ("gradient_check", "for point in (x, 0.625 * x):"): "0.625x is as good a second point as 1.25x",
    ("gradient_check", "for point in (x, 2.25 * x):"): "2.25x is as good a second point as 1.25x",
    (
        "gradient_check",
        "numeric = numerical_gradient(f, point, 5e-06 * np.max(np.abs(point)))",
    ): "the best step is near ε^(1/3) ≈ 6e-6, and half of 1e-5 is nearer to it still",
    (
        "gradient_check",
        "numeric = numerical_gradient(f, point, -1e-05 * np.max(np.abs(point)))",
    ): "(f(x − h) − f(x + h)) / (−2h) = (f(x + h) − f(x − h)) / 2h",
    (
        "gradient_check",
        "if not relative_error(analytic, numeric) <= 1e-06:",
    ): "whether an error is exactly 1e-6 is a matter of rounding",
    (
        "gradient_check",
        "if not relative_error(numeric, analytic) < 1e-06:",
    ): "the relative error of a and b is that of b and a",
    (
        "gradient_check",
        "if not relative_error(analytic, numeric) < 5e-07:",
    ): "right gradients are off by 1e-8 at most, wrong ones by nearly 1e-3: any tolerance between will do",
    ("complex_step_derivative", "h = -1e-20"): "Im f(x − ih) / (−h) = Im f(x + ih) / h",
    (
        "complex_step_derivative",
        "h = 5e-21",
    ): "the error, (h/x)² of f', is below rounding for every h far below 1e-8 x, and 1e-20 is",
}
