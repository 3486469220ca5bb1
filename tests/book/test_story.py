"""The landing page: its numbers are right, its pictures show them, and each line leads on."""

import csv
import re

import numpy as np
import pytest
from built_book import LANDING, soup
from published_file import rows

import radixnet as rx
from companion import story
from companion.places import ROOT
from reference import trimmed_masks

INDEX = (ROOT / "book" / "index.md").read_text(encoding="utf-8")
PICTURES = ("asked", "found", "confirmed", "corrected", "new")


def test_the_authors_models_are_grouped_as_a_count_by_hand_groups_them():
    # The authors' log against masks that are expanded and trimmed as matrices.
    lines = (ROOT / "book" / "results" / "authors_log.csv").read_text(encoding="utf-8").splitlines()
    logged = {row[0] for row in csv.reader(line for line in lines if not line.startswith("#"))} - {
        "radix_lists"
    }
    strange, models = np.zeros(4, dtype=int), np.zeros(4, dtype=int)
    for topology in rx.fig8_family():
        last = trimmed_masks(topology.radix_lists, topology.layer_sizes)[-1]
        group = min(int(last.sum(axis=0).min()), 4) - 1
        models[group] += 1
        strange[group] += rx.format_radix_lists(topology.radix_lists) in logged
    found = story.authors_log_by_fan_in()
    assert (list(found.strange), list(found.models), found.logged) == (
        strange.tolist(),
        models.tolist(),
        len(logged),
    )
    assert found.few == strange[:2].sum()


def test_the_counts_of_strange_runs_are_those_in_the_published_file():
    counted = {variant: [0, 0] for variant in story.REPAIRS}
    for row in rows("beyond.csv.gz"):
        if row["figure"] == "repair" and row["variant"] in counted:
            counted[row["variant"]][0] += float(row["train_accuracy"]) <= 0.75  # the paper's limit
            counted[row["variant"]][1] += 1
    numbers = story.substitutions()
    assert numbers["story_repair_runs"] == f"{counted['as in the paper'][1]:,}"
    assert numbers["story_repair_before"] == f"{counted['as in the paper'][0]:,}"
    assert numbers["story_repair_folded"] == (
        f"{counted['folded'][0]:,}" if counted["folded"][0] else "none"
    )


def test_every_picture_has_two_inks_and_says_what_it_shows():
    pictures = story.pictures()
    assert tuple(pictures) == PICTURES
    for picture in pictures.values():
        assert picture.light != picture.dark
        assert len(picture.alt) > 60
    for some, every in zip(
        story.authors_log_by_fan_in().strange, story.authors_log_by_fan_in().models, strict=True
    ):
        assert f"{some} of {every}" in pictures["corrected"].alt


def test_no_number_on_the_landing_page_is_typed():
    text = re.sub(r"^:{3,}.*$|^:(columns|link|gutter|class-\w+).*$", "", INDEX, flags=re.MULTILINE)
    text = re.sub(r"\{\{ \w+ \}\}|\]\([^)]*\)|`[^`]*`|^:::.*", "", text)
    text = re.sub(r"^#.*|Figure \d: .*", "", text, flags=re.MULTILINE)
    assert re.findall(r"\S*\d\S*", text) == []


@pytest.fixture(scope="module")
def page():
    return soup(LANDING)


def test_the_story_is_five_lines_each_with_a_picture_and_a_way_on(page):
    lines = page.select(".story")
    assert [line.select_one("strong").text for line in lines] == [
        "What the paper asked.",
        "What it found.",
        "What we confirm.",
        "What we correct.",
        "What is new.",
    ]
    for line in lines:
        assert [
            sorted({"only-light", "only-dark"} & set(image["class"]))
            for image in line.find_all("img")
        ] == [
            ["only-light"],
            ["only-dark"],
        ]
        assert line.select("a.reference.internal")
        sentence = " ".join(line.select_one("strong").find_parent("p").text.split())
        assert len(sentence) <= 120, "one line of a page, or little more"


def test_the_ways_in_lead_to_reading_exploring_and_executing(page):
    cards = page.select_one(".ways-in").select(".sd-card")
    ways = {
        card.select_one(".sd-card-title").text.strip(): card.select_one("a.sd-stretched-link")[
            "href"
        ]
        for card in cards
    }
    assert list(ways) == ["Read", "Explore", "Re-execute and change"]
    assert ways["Read"] == "#the-story-in-five-pictures"
    assert ways["Explore"].partition("#")[0] == "explorer.html"
    assert ways["Re-execute and change"] == "reference/rerun.html"


def test_what_is_new_leads_to_the_explorer_and_to_the_chapters_that_predict_and_repair(page):
    cards = page.select(".ways-in")[1].select(".sd-card a")
    assert [link["href"].partition("#")[0] for link in cards] == [
        "explorer.html",
        "beyond/predict.html",
        "beyond/repair.html",
        "beyond/viable.html",
    ]
