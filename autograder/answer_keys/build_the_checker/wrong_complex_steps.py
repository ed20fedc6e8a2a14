"""Wrong answers to complex_step_derivative."""

import numpy as np

from autograder.problem_sets.key import mistake


@mistake("complex_step_derivative")
def left_the_step_in(f, x):
    """The imaginary part is h times the derivative. Divide it by h."""
    h = 1e-20
    return np.imag(f(x + 1j * h))


@mistake("complex_step_derivative")
def took_the_real_part(f, x):
    """The real part is f(x), up to rounding. The derivative is in the imaginary part."""
    h = 1e-20
    return np.real(f(x + 1j * h)) / h


@mistake("complex_step_derivative")
def took_the_absolute_value(f, x):
    """abs mixes the real part in. The derivative is in the imaginary part alone."""
    h = 1e-20
    return np.abs(f(x + 1j * h)) / h


@mistake("complex_step_derivative")
def returned_both_parts(f, x):
    """You return a complex number. Keep its imaginary part only, with np.imag."""
    h = 1e-20
    return f(x + 1j * h) / h


@mistake("complex_step_derivative", shows="imag & not imaginary | imag() & not imaginary")
def stepped_along_the_real_line(f, x):
    """Your step is real, so that nothing imaginary comes out. Step by 1j * h."""
    h = 1e-20
    return np.imag(f(x + h)) / h


@mistake("complex_step_derivative")
def stepped_downwards(f, x):
    """Your sign is wrong. Step upwards, to x + ih."""
    h = 1e-20
    return np.imag(f(x - 1j * h)) / h


@mistake("complex_step_derivative")
def took_too_long_a_step(f, x):
    """Your step is so long that it shows in the answer. Nothing is subtracted here, so take h = 1e-20."""
    h = 1e-2
    return np.imag(f(x + 1j * h)) / h


@mistake("complex_step_derivative", shows="tiny number")
def let_the_step_vanish(f, x):
    """Your step is so small that the computer rounds it to 0, and you divide by 0. 1e-20 is small enough."""
    h = np.float64(1e-200) ** 2
    return np.imag(f(x + 1j * h)) / h


@mistake("complex_step_derivative")
def divided_by_two_steps(f, x):
    """You divide by 2h, as for the central difference. Here is only one step: divide by h."""
    h = 1e-20
    return np.imag(f(x + 1j * h)) / (2 * h)


@mistake("complex_step_derivative")
def multiplied_by_the_step(f, x):
    """You multiply by h. Divide by it."""
    h = 1e-20
    return np.imag(f(x + 1j * h)) * h


@mistake("complex_step_derivative")
def took_a_central_difference(f, x):
    """This is a central difference: it loses digits where f is large. Step by 1j * h, subtract nothing."""
    h = 1e-5
    return (f(x + h) - f(x - h)) / (2 * h)


@mistake("complex_step_derivative")
def took_a_forward_difference(f, x):
    """This is a forward difference: it keeps about 8 digits. Step by 1j * h, subtract nothing."""
    h = 1e-8
    return (f(x + h) - f(x)) / h


@mistake("complex_step_derivative")
def added_the_derivatives(f, x):
    """You add the derivatives up. f works entry by entry: return one derivative for each entry of x."""
    h = 1e-20
    return np.sum(np.imag(f(x + 1j * h))) / h


@mistake("complex_step_derivative")
def subtracted_f_as_well(f, x):
    """The derivative is right, but you call f twice. f(x) is real, so that subtracting it changes nothing."""
    h = 1e-20
    return np.imag(f(x + 1j * h) - f(x)) / h


@mistake("complex_step_derivative", shows="astype()")
def asked_for_an_array(f, x):
    """A single number has no `.astype`. Add 1j * h to x as it is: that makes it complex."""
    h = 1e-20
    return np.imag(f(x.astype(complex) + 1j * h)) / h


@mistake("complex_step_derivative", shows="loop")
def filled_a_vector(f, x):
    """Of a matrix, values[i] is a whole row, and no number. Without a loop, NumPy divides every entry."""
    h = 1e-20
    values = np.imag(f(x + 1j * h))
    if np.ndim(x) == 0:
        return values / h
    derivative = np.zeros(len(x))
    for i in range(len(x)):
        derivative[i] = values[i] / h
    return derivative


@mistake("complex_step_derivative", shows="made like")
def cut_off_the_small_step(f, x):
    """np.full_like(x, 1e-20) of whole numbers is full of zeros: the step is cut off. Use the number 1e-20."""
    h = np.full_like(x, 1e-20)
    return np.imag(f(x + 1j * h)) / h


@mistake("complex_step_derivative")
def kept_the_long_step(f, x):
    """A step of 1e-5 is for differences, and too long for very small x. Nothing cancels here: take 1e-20."""
    h = 1e-5
    return np.imag(f(x + 1j * h)) / h
