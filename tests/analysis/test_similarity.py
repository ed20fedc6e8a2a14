"""Similar solutions: copies are found under other names, ordinary answers are not."""

import time

from autograder.analysis.similarity import _grams_with_lines, similar_pairs
from tests.helpers import RIDGE_DESCENT

COPIED = """
def ridge_descent(A, b, lam, learning_rate, n_steps):
    weights = [0.0 for _ in range(A.shape[1])]
    history = {step: None for step in range(n_steps)}
    while len([h for h in history.values() if h is not None]) < n_steps:
        step = min(k for k in history if history[k] is None)
        history[step] = sum((A @ weights - b) ** 2) + lam * sum(w * w for w in weights)
        weights = [w - learning_rate * g for w, g in zip(weights, gradient(A, b, lam, weights))]
    return np.array(weights), list(history.values())
"""
DISGUISED = (
    COPIED.replace("weights", "v").replace("history", "seen").replace("    while", "    # mine\n    while")
)


def many(n):
    return {f"student-{i}": RIDGE_DESCENT for i in range(n)}


def test_a_copy_is_found_under_other_names_and_comments():
    found = similar_pairs("04", {**many(20), "ann": COPIED, "bob": DISGUISED}, [])
    assert [(pair.one, pair.other) for pair in found] == [("ann", "bob")]
    assert found[0].share > 0.8 and any("history" in line for line in found[0].lines)


def test_what_many_wrote_is_no_sign():
    assert similar_pairs("04", many(20), []) == []


def test_what_was_issued_is_no_sign():
    works = {"ann": RIDGE_DESCENT, "bob": RIDGE_DESCENT}
    assert len(similar_pairs("04", works, [])) == 1
    assert similar_pairs("04", works, [RIDGE_DESCENT]) == []


def test_answers_too_short_to_tell_are_no_sign():
    short = "def squared_norm(x):\n    return np.dot(x, x)\n"
    assert similar_pairs("01", {"ann": short, "bob": short}, []) == []


def test_classes_of_nobody_one_and_many():
    assert similar_pairs("04", {}, []) == []
    assert similar_pairs("04", {"ann": COPIED}, []) == []
    start = time.perf_counter()
    crowd = {**many(300), "ann": COPIED, "bob": DISGUISED}
    assert len(similar_pairs("04", crowd, [RIDGE_DESCENT])) == 1
    assert time.perf_counter() - start < 20


def test_damaged_code_is_compared_too():
    broken = COPIED.replace("):\n", ")\n", 1) + "\n'''"
    assert len(similar_pairs("04", {"ann": broken, "bob": broken, "eve": "\x00(((("}, [])) == 1


def test_empty_lines_count_for_nothing():
    """Their lines are still told by number, and very many of them take no time."""
    source = "\n".join(f"y{k} = x[{k}] + f({k}, [{k}]) ** {k}" for k in range(20))
    spread = source.replace("\n", "\n  \n\n")
    assert {mark for mark, _ in _grams_with_lines(source)} == {mark for mark, _ in _grams_with_lines(spread)}
    assert [{3 * line for line in lines} for _, lines in _grams_with_lines(source)] == [
        lines for _, lines in _grams_with_lines(spread)
    ]
    assert list(_grams_with_lines(source + "  \n" * 26_000)) == list(_grams_with_lines(source))
