"""Counting what is in JSON before it is parsed."""

import json
import random
import tracemalloc

import pytest

from autograder.problem_sets.json_text import MAX_VALUES, TooManyValues, count_values, parse


def values(content):
    """How many values, keys among them, JSON holds."""
    if isinstance(content, dict):
        return 1 + sum(1 + values(part) for part in content.values())
    return 1 + sum(map(values, content)) if isinstance(content, list) else 1


def some_json(random, depth=0):
    kind = random.randrange(7 if depth < 6 else 4)
    if kind < 2:
        return random.choice([1, -2.5e-8, None, True, ""])
    if kind < 4:
        return "".join(random.choices(',[{"\\:}]ab\n', k=random.randrange(9)))
    many = [some_json(random, depth + 1) for _ in range(random.randrange(5))]
    return many if kind < 6 else {f'{place},"[': part for place, part in enumerate(many)}


def test_it_counts_at_least_half_and_no_more_than_a_few_for_each_value():
    source = random.Random(1)
    for _ in range(300):
        content = some_json(source)
        text = json.dumps(content)
        assert values(content) / 2 <= count_values(text) + 1 <= 3 * values(content) + 1
        assert parse(text) == content


@pytest.mark.parametrize("text", ['"', '"\\"', '"\\', '{"a": "b\\\\"', "[[[", ""])
def test_what_breaks_off_is_counted_too(text):
    assert count_values(text) <= 4
    with pytest.raises(ValueError):
        parse(text)


@pytest.mark.long
@pytest.mark.parametrize("unit", ["{},", '{"":[],', "[[],", '"",', '"\\\\",', "0,", '{"a":'])
def test_too_much_is_not_parsed(unit):
    text = unit * (2 * MAX_VALUES)
    tracemalloc.start()
    try:
        with pytest.raises(TooManyValues):
            parse("[" + text)
        assert tracemalloc.get_traced_memory()[1] < 50_000_000
    finally:
        tracemalloc.stop()


def test_many_quotes_that_mean_nothing_take_no_time_together():
    """Each is looked at once: were it looked at again from every quote, this would take hours."""
    assert count_values('"' + '\\"' * 5_000_000) == 1
    assert count_values(json.dumps("\\" * 5_000_000)) == 1
