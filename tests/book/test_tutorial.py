"""The tutorial: its code is right, and every exercise has a solution hidden until asked for."""

import math
import re

import jupytext
import numpy as np
import pytest
from built_book import page_of, soup, violations
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


@pytest.fixture(scope="module")
def tried(chromium):
    """Return the places to try the exercises, on the open page."""
    page = chromium.new_page()
    page.goto(PAGE.as_uri())
    page.locator(".live-exercise").last.wait_for()
    yield page.locator(".live-exercise")
    page.close()


def answer(place, *texts):
    """Fill in a place's texts, ask, and return whether it says that all is right, and its words."""
    for box, text in zip(place.locator("input").all(), texts, strict=True):
        box.fill(text)
    place.locator("[type=submit]").click()
    place.locator(".live-right, .live-wrong").wait_for()
    return place.locator(".live-right").count() == 1, place.locator(".live-said").inner_text()


@pytest.mark.browser
def test_every_exercise_can_be_tried_and_has_a_hint(tried):
    assert tried.count() == sum("solution" in tags(cell) for cell in CELLS)
    for place in tried.all():
        hint = place.locator("details p")
        assert not hint.is_visible()
        place.locator("summary").click()
        hint.filter(has_text=re.compile(".{20}")).wait_for()


@pytest.mark.browser
@pytest.mark.parametrize("theme", ["light", "dark"])
def test_axe_finds_nothing_wrong_with_the_places_to_try_exercises(tried, theme):
    page = tried.page
    page.evaluate("theme => { document.documentElement.dataset.theme = theme; }", theme)
    answer(tried.first, "7, 7", "", "")
    assert violations(page, include=[[".live-exercise"]]) == ""


MASKS = rx.RadixTopology([[10, 10, 10]], (784, 300, 100, 10)).masks
UNREAD = (np.linalg.multi_dot([mask.astype(int) for mask in MASKS]).sum(axis=1) == 0).sum()
PATHS = rx.RadixTopology([[2, 3], [3, 2], [3]], [6] * 6).expanded_path_count
DIGITS_OF_57 = [", ".join(map(str, DIGITS(57, radices))) for radices in ([10, 10], [5, 20])]
LEGAL = len(rx.legal_radix_lists(range(1, 11), layers=3))


@pytest.mark.browser
@pytest.mark.parametrize(
    ("number", "wrong", "right"),
    [
        (1, ["5, 7", DIGITS_OF_57[1], "47"], [*DIGITS_OF_57, "47"]),
        (3, ["[[2, 3], [3, 2], [3]]", "36"], ["[[2, 3], [3, 2], [3]]", str(PATHS)]),
        (4, ["[[2, 2], [2]]", "1130"], ["[[2, 2], [2]]", f"{LEGAL:,}"]),
        (5, ["[[10, 10, 10]]", "0"], ["[[10, 10, 10]]", str(UNREAD)]),
    ],
)
def test_the_page_knows_a_right_answer_from_a_wrong_one(tried, number, wrong, right):
    place = tried.nth(number - 1)
    assert not answer(place, *wrong)[0]
    assert answer(place, *right)[0]
    assert not answer(place, *wrong)[0]


@pytest.mark.browser
def test_masking_the_starting_weights_alone_is_not_enough(tried):
    place = tried.nth(5)
    assert not answer(place)[0]
    place.locator("select").select_option("No: zeros move")
    assert answer(place)[0]


@pytest.mark.browser
def test_an_illegal_radix_list_is_told_what_the_package_says(tried):
    with pytest.raises(ValueError, match="must divide") as error:
        rx.RadixTopology([[2, 2], [3]], [4, 4, 4, 4])
    assert answer(tried.nth(3), "[[2, 2], [3]]", "") == (False, str(error.value))


@pytest.mark.browser
def test_a_mask_is_built_by_keyboard_and_the_first_wrong_row_named(tried):
    place = tried.nth(1)
    wanted = LAYER(2, 3, 6)
    place.locator(".live-cells button").first.focus()
    keyboard = place.page.keyboard
    for a, b in np.ndindex(6, 6):
        label = place.page.evaluate("document.activeElement.ariaLabel")
        assert label == f"unit {a} feeds unit {b}"
        if wanted[a, b] and a != 4:
            keyboard.press("Space")
        keyboard.press("ArrowRight")
    assert answer(place) == (False, "The row of unit 4 is not right yet.")
    for b in np.flatnonzero(wanted[4]):
        place.get_by_label(f"unit 4 feeds unit {b}", exact=True).click()
    assert answer(place)[0]


@pytest.mark.browser
def test_networks_of_the_exercises_end_as_in_python(tried):
    strange = rx.RadixTopology([[10, 10], [1]], (784, 300, 100, 10))
    run = rx.train(rx.RunSpec(strange, seed=3, epochs=10))
    is_right, said = answer(tried.nth(7), "3")
    lost = re.search(r"Lost: ([\d, ]+);", said)[1].split(", ")
    assert len(lost) == 10 - run.test_classes[-1]
    assert not is_right
    for digit in lost:
        tried.nth(7).get_by_label(f"digit {digit} is lost").click()
    assert answer(tried.nth(7), "3")[0]

    repair = tried.nth(8)
    assert not answer(repair)[0]
    for change in ("folded", "with a dense output layer"):
        repair.locator("select").select_option(change)
        is_right, said = answer(repair)
        assert is_right
        assert "10 of 10" in said
    connections = sum(int(mask.sum()) for mask in strange.masks[:-1]) + 100 * 10
    assert f"{connections:,} connections" in said

    sparse = rx.RadixTopology([[16, 16], [16]], (784, 300, 100, 10))
    accuracy = rx.train(rx.RunSpec(sparse, seed=1000, epochs=3)).test_accuracy[-1]
    said = answer(tried.nth(6), "16")[1]
    ours = float(re.search(r"accuracy ([\d.]+)%", said)[1])
    assert ours == pytest.approx(100 * accuracy, abs=0.3)
    assert f"{sparse.sparsity:.1%}" in said


@pytest.mark.browser
def test_the_hint_on_a_seed_follows_it_and_refuses_what_is_no_seed(tried):
    place = tried.nth(7)
    seed, hint = place.locator("input"), place.locator("details p")
    place.locator("details").evaluate("fold => { fold.open = true; }")
    said = {}
    for typed in ("1000", "1e3", "1001", "-1", "", "1.5"):
        seed.fill(typed)
        said[typed] = hint.inner_text()
    assert "signs: 0:" in said["1000"]
    assert said["1e3"] == said["1000"] != said["1001"]
    assert said["-1"] == said[""] == said["1.5"] == "A seed is a whole number, 0 or more."


@pytest.mark.browser
def test_training_another_exercise_or_stop_ends_the_first_with_a_sentence(tried):
    first, second = tried.nth(7), tried.nth(8)
    first.locator("input").fill("1000")
    # In one go, so that nothing can end in between.
    tried.page.evaluate(
        "forms => forms.forEach(form => form.requestSubmit())",
        [first.element_handle(), second.element_handle()],
    )
    first.locator(".live-wrong", has_text="another exercise").wait_for()
    second.locator(".live-said", has_text="digits answered").wait_for()
    first.evaluate(
        "form => { form.requestSubmit();"
        " [...form.elements].find(({textContent}) => textContent === 'Stop').click(); }"
    )
    first.locator(".live-wrong", has_text="Stopped.").wait_for()
    assert first.locator("[type=submit]").is_enabled()
