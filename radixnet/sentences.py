"""The sentences that the package and the topology explorer both say, from a file that both read.

A sentence of `sentences.json` has named places for values. Where it is a pair, the value ``count``
chooses between singular and plural. `book/_static/explorer/literals.js` has the rules of `say` and
`percent`, too.
"""

from __future__ import annotations

import json
import math
from collections.abc import Sequence
from pathlib import Path

_FILE = Path(__file__).with_suffix(".json")

SENTENCES: dict[str, str | list[str]] = json.loads(_FILE.read_text("utf-8"))
"""Each sentence by name, or its singular and its plural."""


def say(name: str, **values: str | int | Sequence[int]) -> str:
    """Fill a sentence: whole numbers get commas, several read ``3, 4 and 7``, text stays as is."""
    sentence = SENTENCES[name]
    if isinstance(sentence, list):
        sentence = sentence[values["count"] != 1]
    return sentence.format(**{key: _written(value) for key, value in values.items()})


def percent(share: float) -> str:
    """Return a share from 0 to 1 in percent with one decimal; halves are rounded up."""
    return f"{math.floor(1000 * share + 0.5) / 10:.1f}%"


def _written(value: str | int | Sequence[int]) -> str:
    if isinstance(value, str):
        return value
    if isinstance(value, int):
        return f"{value:,}"
    *others, last = map(_written, value)
    return f"{', '.join(others)} and {last}" if others else last
