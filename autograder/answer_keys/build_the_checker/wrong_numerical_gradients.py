"""Wrong answers to numerical_gradient."""

import numpy as np

from autograder.problem_sets.key import mistake, patched


@mistake("numerical_gradient")
def stepped_forward_only(f, x, h):
    """This is the forward difference. The central one steps to both sides and divides by 2h."""
    x = np.asarray(x, dtype=float)
    grad = np.zeros(x.shape)
    for i in np.ndindex(x.shape):
        ahead = x.copy()
        ahead[i] += h
        grad[i] = (f(ahead) - f(x)) / h
    return grad


@mistake("numerical_gradient")
def stepped_backward_only(f, x, h):
    """This is the backward difference. The central one steps to both sides and divides by 2h."""
    x = np.asarray(x, dtype=float)
    grad = np.zeros(x.shape)
    for i in np.ndindex(x.shape):
        behind = x.copy()
        behind[i] -= h
        grad[i] = (f(x) - f(behind)) / h
    return grad


divided_by_one_step = patched(
    "numerical_gradient", "(2 * h)", "h", "From x - h to x + h are two steps. Divide by 2h, not by h."
)


@mistake("numerical_gradient")
def did_not_divide(f, x, h):
    """You return the change of f. A slope is the change divided by the distance, 2h."""
    x = np.asarray(x, dtype=float)
    grad = np.zeros(x.shape)
    for i in np.ndindex(x.shape):
        step = np.zeros(x.shape)
        step[i] = h
        grad[i] = f(x + step) - f(x - step)
    return grad


left_out_the_brackets = patched(
    "numerical_gradient",
    "(2 * h)",
    "2 * h",
    "Python reads `/ 2 * h` from left to right: it divides by 2 and multiplies by h. Write `/ (2 * h)`.",
    shows="/ … *",
)


@mistake("numerical_gradient")
def subtracted_the_wrong_way(f, x, h):
    """Every sign is wrong. Subtract the value behind from the value ahead: f(x + h) - f(x - h)."""
    x = np.asarray(x, dtype=float)
    grad = np.zeros(x.shape)
    for i in np.ndindex(x.shape):
        step = np.zeros(x.shape)
        step[i] = h
        grad[i] = (f(x - step) - f(x + step)) / (2 * h)
    return grad


@mistake("numerical_gradient")
def did_not_step_back(f, x, h):
    """Each entry stays at x - h while you go on to the next. Put it back, or start from a fresh copy."""
    moved = np.array(x, dtype=float)
    grad = np.zeros(moved.shape)
    for i in np.ndindex(moved.shape):
        moved[i] += h
        ahead = f(moved.copy())
        moved[i] -= 2 * h
        grad[i] = (ahead - f(moved.copy())) / (2 * h)
    return grad


@mistake("numerical_gradient")
def cut_off_the_step(f, x, h):
    """In an array of whole numbers the step is cut off to a whole number. Convert x to floats first."""
    grad = np.zeros(x.shape)
    for i in np.ndindex(x.shape):
        ahead, behind = x.copy(), x.copy()
        ahead[i] += h
        behind[i] -= h
        grad[i] = (f(ahead) - f(behind)) / (2 * h)
    return grad


@mistake("numerical_gradient")
def moved_x_itself(f, x, h):
    """You move the entries of x itself, and the caller's array has changed. Work on a copy."""
    grad = np.zeros(x.shape)
    for i in np.ndindex(x.shape):
        x[i] += h
        ahead = f(x)
        x[i] -= 2 * h
        grad[i] = (ahead - f(x)) / (2 * h)
    return grad


@mistake("numerical_gradient")
def chose_another_step(f, x, h):
    """Your step is always 1e-5. Use the h that is handed over."""
    x = np.asarray(x, dtype=float)
    grad = np.zeros(x.shape)
    for i in np.ndindex(x.shape):
        step = np.zeros(x.shape)
        step[i] = 1e-5
        grad[i] = (f(x + step) - f(x - step)) / 2e-5
    return grad


@mistake("numerical_gradient")
def stepped_in_proportion(f, x, h):
    """Your step is h times the entry. Use h itself, the same for every entry."""
    x = np.asarray(x, dtype=float)
    grad = np.zeros(x.shape)
    for i in np.ndindex(x.shape):
        step = np.zeros(x.shape)
        step[i] = h * x[i]
        grad[i] = (f(x + step) - f(x - step)) / (2 * step[i])
    return grad


@mistake("numerical_gradient")
def flattened_the_result(f, x, h):
    """The numbers are right, but your result is flat. Give it the shape of x."""
    x = np.asarray(x, dtype=float)
    grad = []
    for i in np.ndindex(x.shape):
        step = np.zeros(x.shape)
        step[i] = h
        grad.append((f(x + step) - f(x - step)) / (2 * h))
    return np.array(grad)


@mistake("numerical_gradient", shows="loop")
def moved_whole_rows(f, x, h):
    """In a matrix, x[i] is a whole row, and you move all of it. Visit every single entry: see np.ndindex."""
    x = np.asarray(x, dtype=float)
    grad = np.zeros(x.shape)
    for i in range(len(x)):
        step = np.zeros(x.shape)
        step[i] = h
        grad[i] = (f(x + step) - f(x - step)) / (2 * h)
    return grad


@mistake("numerical_gradient")
def moved_everything_at_once(f, x, h):
    """You move all entries together and get one number. Move one at a time and hold the others still."""
    x = np.asarray(x, dtype=float)
    return (f(x + h) - f(x - h)) / (2 * h)


@mistake("numerical_gradient")
def filled_with_one_number(f, x, h):
    """Every entry is the same number, because you move all together. Move one entry at a time."""
    x = np.asarray(x, dtype=float)
    return np.full(x.shape, (f(x + h) - f(x - h)) / (2 * h))


@mistake("numerical_gradient", shows="return in a loop | not loop")
def measured_one_coordinate(f, x, h):
    """Only the first entry is measured: a return stands inside the loop, or the loop is missing."""
    x = np.asarray(x, dtype=float)
    grad = np.zeros(x.shape)
    for i in np.ndindex(x.shape):
        step = np.zeros(x.shape)
        step[i] = h
        grad[i] = (f(x + step) - f(x - step)) / (2 * h)
        return grad


@mistake("numerical_gradient", shows="loop")
def missed_the_last_coordinate(f, x, h):
    """The last entry is 0. A loop over range(n - 1) stops one too early."""
    x = np.asarray(x, dtype=float)
    grad = np.zeros(x.size)
    for i in range(x.size - 1):
        step = np.zeros(x.size)
        step[i] = h
        step = step.reshape(x.shape)
        grad[i] = (f(x + step) - f(x - step)) / (2 * h)
    return grad.reshape(x.shape)


@mistake("numerical_gradient")
def added_the_slopes(f, x, h):
    """You add the slopes up. A gradient keeps one number for each entry of x."""
    x = np.asarray(x, dtype=float)
    total = 0.0
    for i in np.ndindex(x.shape):
        step = np.zeros(x.shape)
        step[i] = h
        total += (f(x + step) - f(x - step)) / (2 * h)
    return total


@mistake("numerical_gradient")
def stepped_twice_ahead(f, x, h):
    """You divide by 2h, but both of your steps go ahead: (f(x + 2h) - f(x)) / 2h. Step to both sides."""
    x = np.asarray(x, dtype=float)
    grad = np.zeros(x.shape)
    for i in np.ndindex(x.shape):
        step = np.zeros(x.shape)
        step[i] = 2 * h
        grad[i] = (f(x + step) - f(x)) / (2 * h)
    return grad


@mistake("numerical_gradient")
def called_f_too_often(f, x, h):
    """The slopes are right, but you call f more often than twice for each entry. Which calls can go?"""
    x = np.asarray(x, dtype=float)
    grad = np.zeros(x.shape)
    for i in np.ndindex(x.shape):
        step = np.zeros(x.shape)
        step[i] = h
        here = f(x)
        grad[i] = ((f(x + step) - here) + (here - f(x - step))) / (2 * h)
    return grad


@mistake("numerical_gradient", shows="rounds")
def rounded_the_slopes(f, x, h):
    """You round the slopes, and very small ones become 0. Return the numbers as they are."""
    x = np.asarray(x, dtype=float)
    grad = np.zeros(x.shape)
    for i in np.ndindex(x.shape):
        step = np.zeros(x.shape)
        step[i] = h
        grad[i] = round((f(x + step) - f(x - step)) / (2 * h), 9)
    return grad
