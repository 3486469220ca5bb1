"""The tutorial: its code is right, and every exercise has a solution hidden until asked for."""

import math
import re

import jupytext
import numpy as np
import pytest
from built_book import page_of, soup
from hypothesis import given, settings
from hypothesis import strategies as st
from strategies import legal_radix_lists

import radixnet as rx
from companion.notebooks.sources import find_source

SOURCE = find_source("tutorial")
CELLS = jupytext.read(SOURCE).cells
PAGE = page_of("tutorial")


def tags(cell):
    return cell.metadata.get("tags", [])


def written_by_the_reader():
    """Return the functions that the sections before the package define."""
    names = {"np": np, "math": math}
    for cell in CELLS:
        if cell.cell_type == "code" and re.search(
            r"^def (place_values|layer)\(", cell.source, flags=re.MULTILINE
        ):
            definitions = re.split(r"\n(?=[a-z]+\.|[a-z]+ = |print)", cell.source)[0]
            exec(compile(definitions, SOURCE.name, "exec"), names)  # noqa: S102 (the notebook is ours)
    return names["place_values"], names["digits"], names["layer"]


PLACE_VALUES, DIGITS, LAYER = written_by_the_reader()


@given(radices=st.lists(st.integers(1, 6), min_size=1, max_size=4))
@settings(max_examples=50)
def test_a_number_is_written_in_one_way_and_read_back(radices):
    written = [DIGITS(number, radices) for number in range(math.prod(radices))]
    assert len({tuple(each) for each in written}) == len(written)
    assert all(
        0 <= digit < radix for each in written for digit, radix in zip(each, radices, strict=True)
    )
    assert [int(np.dot(each, PLACE_VALUES(radices))) for each in written] == list(
        range(len(written))
    )


@given(lists=legal_radix_lists(max_modulus=40))
@settings(max_examples=40)
def test_the_layers_that_a_reader_builds_are_those_of_the_package(lists):
    size = math.prod(lists[0])
    layers = [
        LAYER(radix, value, size)
        for radices in lists
        for radix, value in zip(radices, PLACE_VALUES(radices), strict=True)
    ]
    topology = rx.RadixTopology(lists, [size] * (len(layers) + 1))
    assert all((mask == layer).all() for mask, layer in zip(topology.masks, layers, strict=True))


def test_every_exercise_is_numbered_and_its_solution_is_hidden_and_comes_next():
    found = [
        (number, re.search(r"Exercise (\d+): ", cell.source)) for number, cell in enumerate(CELLS)
    ]
    exercises = [(place, int(match[1])) for place, match in found if match]
    assert [number for _, number in exercises] == list(range(1, len(exercises) + 1))
    assert len(exercises) >= 8
    solutions = [place for place, cell in enumerate(CELLS) if "solution" in tags(cell)]
    assert solutions == [place + 1 for place, _ in exercises]
    assert all("hide-cell" in tags(CELLS[place]) for place in solutions)


def test_the_page_has_no_verdict_and_says_how_it_was_made():
    document = soup(PAGE)
    assert "Verdict" not in document.get_text()
    assert "make figure FIG=tutorial" in document.get_text()
    assert len(document.select("details.hide")) == sum(
        "solution" in tags(cell) for cell in CELLS
    ) + sum("hide-input" in tags(cell) for cell in CELLS)


@pytest.mark.browser
def test_a_solution_opens_when_asked_for(chromium):
    page = chromium.new_page()
    page.goto(PAGE.as_uri(), wait_until="load")
    solution = page.locator("details.hide", has_text="57 with radices").first
    result = solution.locator(".cell_output")
    assert not result.is_visible()
    solution.locator("summary", has_text="Show the solution").click()
    assert result.is_visible()
    assert "[7, 5]" in result.inner_text()  # 57 = 7 + 5 * 10
    page.close()
