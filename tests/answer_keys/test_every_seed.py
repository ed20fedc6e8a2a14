"""Whatever a seed draws, right answers pass, mistakes fail with their own hint, and nothing was seen before.

A sample: `python -m benchmarks.seeds` tries everything on all fifty seeds.
"""

from dataclasses import replace
from itertools import combinations

import numpy as np
import pytest

from autograder.exam import explain
from autograder.exam.examine import failed_checks
from autograder.problem_sets.key import key_names, load_key
from autograder.releasing import certificate
from benchmarks.seeds import SEEDS, false_verdicts

KEYS = [load_key(name) for name in key_names()]
each_key = pytest.mark.parametrize("key", KEYS, ids=lambda key: key.name)
EARLIER, LATER = (1, 2, 3, 4), 5


def without_harness(questions):
    """The same questions, judged by values alone: that is cheap."""
    return {
        name: replace(q, checks=tuple(replace(check, harness=False) for check in q.checks))
        for name, q in questions.items()
    }


@pytest.mark.long
@each_key
def test_every_seed_meets_a_catalogued_answer_and_every_answer_a_seed(key):
    entries = key.variants + key.mistakes
    tried = [(entries[i % len(entries)], SEEDS[i % len(SEEDS)]) for i in range(max(len(entries), len(SEEDS)))]
    assert {seed for _, seed in tried} == set(SEEDS) and len({entry.name for entry, _ in tried}) == len(
        entries
    )
    assert [problem for entry, seed in tried for problem in false_verdicts(key, seed, [entry])] == []


@pytest.mark.long
@each_key
def test_values_alone_tell_right_from_wrong_for_every_seed(key):
    """Each answer at every tenth seed, each seed with every tenth answer."""
    entries = key.variants + key.mistakes
    for seed in SEEDS:
        questions = without_harness(key.draw(seed))
        for entry in entries[seed % 10 :: 10]:
            failed = failed_checks(questions[entry.function], entry.answer)
            assert bool(failed) == (entry in key.mistakes), (seed, entry.name, failed)


@pytest.mark.long
@each_key
def test_no_two_mistakes_look_alike_for_any_seed(key):
    """On the instances of every fifth seed no two do the same; another five for each exercise."""
    for seed in SEEDS[KEYS.index(key) % 5 :: 5]:
        for function, question in key.draw(seed).items():
            mistakes = key.catalogue(key.mistakes, function)
            answers = [explain.answers_of(question, entry.answer) for entry in mistakes]
            for (one, its), (other, theirs) in combinations(zip(mistakes, answers, strict=True), 2):
                same = all(explain.same_reply(a, b) for a, b in zip(its, theirs, strict=True))
                assert not same, (seed, one.name, other.name)


@pytest.mark.long
@pytest.mark.parametrize("place", range(len(KEYS)), ids=lambda place: KEYS[place].name)
def test_the_certificate_holds_for_another_seed(place):
    key, seed = KEYS[place], SEEDS[7 + 4 * place]
    assert certificate.certify(replace(key, questions=key.draw(seed))).problems == ()


# ------------------------------------------------------------------ guessed

# A residual of zeros has a gradient of zeros: what is asked there is that nothing is divided by 0.
ALWAYS_THE_SAME = {("frobenius_loss_gradient", "a perfect fit")}


def repeated(reply):
    """The number an output consists of, if it repeats one; None if it does not."""
    values = np.unique(np.asarray(reply))
    return values.item() if values.size == 1 else None


@pytest.mark.long
@each_key
def test_no_number_answers_a_check_whatever_a_seed_draws(key):
    for seed in range(4 * len(SEEDS)):
        for name, question in key.draw(seed).items():
            for check in question.checks:
                replies = [question.reference(**question.arguments(each)) for each in check.instances]
                guesses = {repeated(reply) for reply in replies if not isinstance(reply, tuple)}
                if len(guesses) == 1 and guesses != {None} and (name, check.name) not in ALWAYS_THE_SAME:
                    assert not float(guesses.pop() * 12).is_integer(), (seed, name, check.name)


# ------------------------------------------------------------------ learned by heart


def seen(arguments):
    """What a student can tell an input by: its numbers, and what functions among them give."""
    x = arguments.get("x")
    return tuple(
        (np.shape(value), np.asarray(value).tolist().__repr__())
        for value in (value(np.copy(x)) if callable(value) else value for value in arguments.values())
    )


def learned(draws):
    """{function: {input: right output}} of everything in earlier hand-ins."""
    return {
        name: {
            seen(question.arguments(instance)): question.reference(**question.arguments(instance))
            for questions in draws
            for instance in questions[name].instances()
        }
        for name, question in draws[0].items()
    }


def by_heart(question, table, otherwise):
    """Looks every input up, and falls back to a wrong formula."""
    names = list(question.arguments(question.instances()[0]))

    def answer(*values):
        known = seen(dict(zip(names, values, strict=True)))
        return table[known] if known in table else otherwise(*values)

    return answer


def gained(key, draws, last):
    """The wrong answers that pass a check they fail, with a table of what `draws` asked."""
    tables, questions = learned([without_harness(each) for each in draws]), without_harness(last)
    found = set()
    for entry in key.mistakes:
        question = questions[entry.function]
        looked_up = by_heart(question, tables[entry.function], entry.answer)
        if set(failed_checks(question, entry.answer)) - set(failed_checks(question, looked_up)):
            found.add(entry.name)
    return found


@pytest.mark.long
@each_key
def test_a_table_of_four_hand_ins_earns_nothing_in_the_fifth(key):
    assert gained(key, [key.draw(seed) for seed in EARLIER], key.draw(LATER)) == set()


@pytest.mark.long
@each_key
def test_a_table_would_earn_if_the_fifth_drew_what_the_fourth_did(key):
    draws = [key.draw(seed) for seed in EARLIER]
    assert len(gained(key, draws, draws[-1])) > 0.8 * len(key.mistakes)


def test_verdicts_come_in_an_order_that_nobody_knows():
    key = load_key("build_the_checker")
    for place, check in enumerate(key.questions["gradient_check"].checks):
        orders = {
            tuple(q.reference(**q.arguments(instance)) for instance in q.checks[place].instances)
            for q in (key.question("gradient_check", seed) for seed in SEEDS)
        }
        assert len(orders) >= 4, check.name
