"""JSON that somebody else wrote: how much is in it is counted before anything is made of it.

Python needs a hundred times a text's length for `[{},{},…]`, and a notebook made of that, ten times
more. A text is short, counting is quick, and what is too much is never parsed.
"""

from __future__ import annotations

import itertools
import json
import re

MAX_VALUES = 1_000_000  # of one file: numbers, texts, lists, and what else JSON has
TOKEN = re.compile(r'"[^"\\]*+(?:\\.[^"\\]*+)*+(?:"|\Z)|[\[{,]', re.DOTALL)  # a whole text is one of them


class TooManyValues(ValueError):
    """A text holds more values than anybody wrote by hand or printed to be read."""


def count_values(text: str, most: int = MAX_VALUES) -> int:
    """No fewer than the values in JSON, in linear time. Raises TooManyValues beyond `most`."""
    count = sum(1 for _ in itertools.islice(TOKEN.finditer(text), most + 1))
    if count > most:
        raise TooManyValues(f"more than {most:,} values")
    return count


def parse(text: str, most: int = MAX_VALUES) -> object:
    """What a JSON text says. Raises ValueError (TooManyValues is one) or RecursionError."""
    count_values(text, most)
    return json.loads(text)
