"""The colours can be read on the ground of either theme, and no two meanings look the same."""

import re

import pytest

from companion import colours
from companion.places import ROOT

MEANINGS = 7
THEMES = {"light": colours.LIGHT, "dark": colours.DARK}


def luminance(ink):
    """Return relative luminance as WCAG defines it."""
    linear = []
    for place in (1, 3, 5):
        share = int(ink[place : place + 2], 16) / 255
        linear.append(share / 12.92 if share <= 0.03928 else ((share + 0.055) / 1.055) ** 2.4)
    red, green, blue = linear
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one, other):
    """Return the contrast of two inks as WCAG defines it, 1 to 21."""
    low, high = sorted((luminance(one), luminance(other)))
    return (high + 0.05) / (low + 0.05)


def test_pictures_name_a_meaning_and_no_colour_by_its_number():
    named = re.compile(r"""["']C(\d|\{)|["']#[0-9a-f]{6}["']|tab:""")
    files = [path for path in (ROOT / "book").rglob("*.py") if path.stem != "colours"]
    assert files
    assert [path for path in files if named.search(path.read_text(encoding="utf-8"))] == []


@pytest.mark.parametrize("theme", THEMES)
def test_meanings_are_strong_enough_for_text_and_classes_for_lines(theme):
    palette = THEMES[theme]
    for number, ink in enumerate(palette["cycle"]):
        least = 4.5 if number < MEANINGS else 3
        assert contrast(ink, palette["ground"]) >= least, (number, ink)


@pytest.mark.parametrize("theme", THEMES)
def test_no_two_colours_are_the_same_nor_the_ink_of_the_text(theme):
    inks = [THEMES[theme]["ink"], *THEMES[theme]["cycle"]]
    assert len(set(inks)) == len(inks)


def test_each_number_of_classes_has_its_own_colour_and_fewer_look_like_the_fewest():
    named = [colours.of_classes(number) for number in range(3, 11)]
    assert len(set(named)) == 8
    assert colours.of_classes(1) == named[0]
    assert colours.of_classes(10.0) == named[-1]
    assert colours.ink(named[-1], colours.DARK) == colours.DARK["cycle"][-1]
