"""The compiled loops between arrays and lines of text: row, tab, column, tab, value."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from radixnet.graph_challenge.loops import Floats, Integers

Bytes = NDArray[np.uint8]
Indices = NDArray[np.int32]

_TAB, _NEWLINE, _PLUS, _MINUS, _POINT, _ZERO, _E, _SMALL_E = b"\t\n+-.0Ee"


def parse_triples(
    text: Bytes,
    most_row: int,
    most_column: int,
    rows: Indices,
    columns: Indices,
    values: Floats,
) -> int:
    """Read lines into arrays, rows and columns counted from 0.

    Returns
    -------
    int
        How many lines there are; or, where one is damaged, minus 1 minus its number, from 0.

    Notes ----- A value is a decimal number other than 0. It is worked out in float64 from up to 18
    digits, so that it is the float32 that is nearest for all numbers that a float32 is written as.
    """
    place, line = 0, 0
    while place < len(text):
        for part in range(2):
            most = most_column if part else most_row
            number, first = 0, place
            while _ZERO <= text[place] <= _ZERO + 9 and place - first < 10:
                number = 10 * number + text[place] - _ZERO
                place += 1
            if text[place] != _TAB or not 1 <= number <= most:
                return -1 - line
            place += 1
            if part:
                columns[line] = number - 1
            else:
                rows[line] = number - 1
        negative = text[place] == _MINUS
        if negative or text[place] == _PLUS:
            place += 1
        digits, scale, mantissa, any_digit, after_point = 0, 0, 0, False, False
        while _ZERO <= text[place] <= _ZERO + 9 or (text[place] == _POINT and not after_point):
            if text[place] == _POINT:
                after_point = True
            else:
                any_digit = True
                if digits < 18:
                    mantissa = 10 * mantissa + text[place] - _ZERO
                    digits += mantissa > 0
                    scale -= after_point
                else:
                    scale += not after_point
            place += 1
        if any_digit and (text[place] == _E or text[place] == _SMALL_E):
            place += 1
            sign = -1 if text[place] == _MINUS else 1
            if text[place] == _MINUS or text[place] == _PLUS:
                place += 1
            exponent, first = 0, place
            while _ZERO <= text[place] <= _ZERO + 9 and place - first < 4:
                exponent = 10 * exponent + text[place] - _ZERO
                place += 1
            any_digit = place > first
            scale += sign * exponent
        value = mantissa / 10.0**-scale if scale < 0 else mantissa * 10.0**scale
        short = np.float32(-value if negative else value)
        if not any_digit or text[place] != _NEWLINE or short == 0 or not np.isfinite(short):
            return -1 - line
        values[line] = short
        place += 1
        line += 1
    return line


def format_triples(
    rows: Indices, columns: Indices, kinds: Integers, texts: Bytes, starts: Integers, room: Bytes
) -> int:
    """Write lines, rows and columns counted from 1, and return how many bytes they take.

    The value of line i is ``texts[starts[kinds[i]] : starts[kinds[i] + 1]]``, the newline included.
    """
    place = 0
    digits = np.empty(10, np.uint8)
    for line in range(len(rows)):
        for part in range(2):
            number = (columns[line] if part else rows[line]) + 1
            count = 0
            while number:
                digits[count] = _ZERO + number % 10
                number //= 10
                count += 1
            for digit in range(count):
                room[place + digit] = digits[count - 1 - digit]
            room[place + count] = _TAB
            place += count + 1
        for each in range(starts[kinds[line]], starts[kinds[line] + 1]):
            room[place] = texts[each]
            place += 1
    return place
