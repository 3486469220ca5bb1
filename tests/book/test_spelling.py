"""The prose is spelt in one way, the British one.

Misspellings as such are found by codespell, a step of `make test`.
"""

import re
from importlib.resources import files

import pytest
from built_book import CONTENT, path_in_book, soup

NOT_PROSE = [
    "code",
    "pre",
    "script",
    "style",
    "table.dataframe",
    "dt.sig",
    ".citation",
    "blockquote",
]
"""Parts of a page whose spelling is not ours: programs, signatures, titles of other people's
works."""
ALSO_BRITISH = {
    "program",
    "programs",
    "optimizer",
    "optimizers",
    "initializer",
    "initializers",
    "regularizer",
    "regularizers",
}
ALSO_BRITISH |= {"story"}
"""What a computer runs is a program in Britain too, a story is told, and Keras's classes keep their
names in sentences on them."""


def american_words():
    """Return the American spellings that codespell knows, with the British ones."""
    dictionary = (
        files("codespell_lib")
        .joinpath("data", "dictionary_en-GB_to_en-US.txt")
        .read_text(encoding="utf-8")
        .splitlines()
    )
    pairs = [line.split("->") for line in dictionary]
    return {
        american.strip(): british
        for british, list_of in pairs
        for american in list_of.split(",")
        if american.strip()
    }


AMERICAN = {
    american: british
    for american, british in american_words().items()
    if american not in ALSO_BRITISH
}


def american_spellings(prose):
    """Return the words of a text that are spelt the American way.

    Quotations, in typographic quotation marks, may be.
    """
    own = re.sub("“[^”]*”", " ", prose)
    return {
        word: AMERICAN[word.lower()]
        for word in re.findall(r"[A-Za-z]+", own)
        if word.lower() in AMERICAN
    }


def test_american_spellings_are_told_from_british_ones_and_from_quotations():
    found = american_spellings(
        "The color of the centre, “the color of the center”, is analyzed by a program."
    )
    assert found == {"color": "colour", "analyzed": "analysed"}


@pytest.mark.parametrize("page", CONTENT, ids=path_in_book)
def test_the_prose_of_a_page_is_spelt_the_british_way(page):
    article = soup(page).select_one("article")
    skipped = {
        id(text)
        for part in article.select(", ".join(NOT_PROSE))
        for text in part.find_all(string=True)
    }
    prose = " ".join(text for text in article.find_all(string=True) if id(text) not in skipped)
    described = " ".join(image.get("alt", "") for image in article.find_all("img"))
    assert american_spellings(f"{prose} {described}") == {}
