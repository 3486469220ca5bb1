"""Checks of arguments, so that every function refuses the same things and says what would do."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np


def one_of(name: str, value: object, choices: Sequence[str]) -> str:
    """Return a text that is one of the choices, or raise ValueError."""
    if not isinstance(value, str) or value not in choices:
        known = ", ".join(map(repr, choices))
        raise ValueError(f"{name} {value!r} is not known; choose one of {known}")
    return value


def integer(name: str, value: object, least: int = 0, below: float = math.inf) -> int:
    """Return an integer within bounds, or raise ValueError; bools and floats are rejected."""
    is_integer = isinstance(value, int | np.integer) and not isinstance(value, bool)
    if not is_integer or not least <= value < below:  # type: ignore[operator]
        limit = "" if below == math.inf else f" and less than 2**{math.log2(below):.0f}"
        kind = type(value).__name__
        raise ValueError(
            f"{name} must be an integer of at least {least}{limit}, and {value!r} ({kind}) is not"
        )
    return int(value)  # type: ignore[call-overload,no-any-return]


def positive_integer(value: object, what: str) -> int:
    """Return an integer of at least 1, or raise ValueError; bools and floats are rejected."""
    is_integer = isinstance(value, int | np.integer) and not isinstance(value, bool)
    if not is_integer or value < 1:  # type: ignore[operator]
        kind = type(value).__name__
        raise ValueError(f"{what} must be a positive integer, and {value!r} ({kind}) is not")
    return int(value)  # type: ignore[call-overload,no-any-return]


def number(name: str, value: object) -> float:
    """Return a finite number as float, or raise ValueError; bools are rejected."""
    is_number = isinstance(value, int | float | np.number) and not isinstance(value, bool)
    if not is_number or not math.isfinite(value):  # type: ignore[arg-type]
        kind = type(value).__name__
        raise ValueError(f"{name} must be a finite number, and {value!r} ({kind}) is not")
    return float(value)  # type: ignore[arg-type]


def share(name: str, value: object) -> float:
    """Return a number of at least 0 and less than 1 as float, or raise ValueError."""
    is_number = isinstance(value, int | float | np.number) and not isinstance(value, bool)
    if not is_number or not 0 <= value < 1:  # type: ignore[operator]
        raise ValueError(
            f"{name} must be a number of at least 0 and less than 1, such as 0.95, "
            f"and {value!r} is not"
        )
    return float(value)  # type: ignore[arg-type]


def boolean(name: str, value: object) -> bool:
    """Return a bool, or raise ValueError; 0 and 1 are rejected."""
    if not isinstance(value, bool | np.bool_):
        kind = type(value).__name__
        raise ValueError(f"{name} must be True or False, and {value!r} ({kind}) is not")
    return bool(value)
