"""The right functions, as a student is to write them.

The central difference (f(x + he) - f(x - he)) / 2h is off by h²f'''/6 and by rounding, about εf/h.
The complex step Im f(x + ih) / h (W. Squire and G. Trapp, SIAM Review 40(1), 1998) subtracts
nothing, so that its h can be as small as 1e-20.
"""

import numpy as np


def numerical_gradient(f, x, h):
    x = np.asarray(x, dtype=float)
    grad = np.zeros(x.shape)
    for i in np.ndindex(x.shape):
        step = np.zeros(x.shape)
        step[i] = h
        grad[i] = (f(x + step) - f(x - step)) / (2 * h)
    return grad


def relative_error(a, b):
    largest = max(np.max(np.abs(a)), np.max(np.abs(b)))
    return float(np.max(np.abs(np.subtract(a, b))) / largest) if largest else 0.0


def gradient_check(f, grad_f, x):
    x = np.asarray(x, dtype=float)
    for point in (x, 1.25 * x):
        analytic = np.asarray(grad_f(point.copy()))
        if analytic.shape != point.shape:
            return False
        numeric = numerical_gradient(f, point, 1e-5 * np.max(np.abs(point)))
        if not relative_error(analytic, numeric) < 1e-6:
            return False
    return True


def complex_step_derivative(f, x):
    h = 1e-20
    return np.imag(f(x + 1j * h)) / h
