"""Right answers in other styles than the reference."""

import numpy as np

from autograder.answer_keys.build_the_checker.reference import numerical_gradient, relative_error
from autograder.problem_sets.key import variant


@variant("numerical_gradient")
def by_copies(f, x, h):
    grad = np.zeros(np.shape(x))
    for i in np.ndindex(grad.shape):
        ahead, behind = np.array(x, dtype=float), np.array(x, dtype=float)
        ahead[i] += h
        behind[i] -= h
        grad[i] = (f(ahead) - f(behind)) / (ahead[i] - behind[i])
    return grad


@variant("numerical_gradient")
def by_rows_of_the_identity(f, x, h):
    x = np.asarray(x, dtype=float)
    steps = h * np.eye(x.size).reshape(-1, *x.shape)
    return np.array([f(x + step) - f(x - step) for step in steps]).reshape(x.shape) / (2 * h)


@variant("numerical_gradient")
def by_moving_and_putting_back(f, x, h):
    x = x.astype(float)
    grad = np.zeros_like(x)
    for i, old in np.ndenumerate(x.copy()):
        x[i] = old + h
        grad[i] = f(x)
        x[i] = old - h
        grad[i] -= f(x)
        x[i] = old
    return grad / (2 * h)


@variant("numerical_gradient")
def by_flat_indices(f, x, h):
    flat = np.ravel(x).astype(float)
    grad = []
    for i in range(flat.size):
        values = []
        for side in (h, -h):
            moved = flat.copy()
            moved[i] += side
            values.append(f(moved.reshape(np.shape(x))))
        grad.append((values[0] - values[1]) / h / 2)
    return np.reshape(grad, np.shape(x))


@variant("relative_error")
def by_infinity_norms(a, b):
    a, b = np.ravel(a).astype(float), np.ravel(b).astype(float)
    difference = np.linalg.norm(a - b, np.inf)
    return difference / max(np.linalg.norm(a, np.inf), np.linalg.norm(b, np.inf)) if difference else 0


@variant("relative_error")
def by_a_loop(a, b):
    error = largest = 0.0
    for p, q in zip(np.ravel(a), np.ravel(b), strict=True):
        error = max(error, abs(float(p) - float(q)))
        largest = max(largest, abs(float(p)), abs(float(q)))
    return error / largest if largest > 0 else 0.0


@variant("relative_error")
def by_stacking(a, b):
    if not np.any(a) and not np.any(b):
        return 0.0
    return np.abs(a - b).max() / np.abs(np.stack([a, b])).max()


@variant("gradient_check")
def by_a_list_of_verdicts(f, grad_f, x):
    verdicts = []
    for factor in (1.0, 1.25):
        point = factor * np.array(x, dtype=float)
        given, h = np.array(grad_f(point)), 1e-5 * np.abs(point).max()
        same_shape = given.shape == point.shape
        verdicts.append(same_shape and relative_error(given, numerical_gradient(f, point, h)) < 1e-6)
    return all(verdicts)


@variant("gradient_check")
def by_bounds(f, grad_f, x):
    right = True
    for point in (1.25 * x, 1.0 * x):
        given = grad_f(point)
        numeric = numerical_gradient(f, point, 1e-5 * np.max(np.abs(point)))
        if np.shape(given) != np.shape(x):
            right = False
        else:
            largest = max(np.abs(given).max(), np.abs(numeric).max())
            right = right and np.all(np.abs(given - numeric) < 1e-6 * largest)
    return np.bool_(right)


@variant("complex_step_derivative")
def with_the_attribute(f, x):
    step = 1e-30
    return f(x + step * 1j).imag / step


@variant("complex_step_derivative")
def with_complex(f, x):
    x = np.asarray(x)
    value = f(x + complex(0, 1e-20))
    return np.asarray(value).imag * 1e20


@variant("complex_step_derivative")
def with_an_array_of_steps(f, x):
    z = np.array(x, dtype=complex)
    z += 1j * 2.0**-70
    return np.imag(f(z)) * 2.0**70
