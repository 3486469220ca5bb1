"""Building the book: a warning stops it and leaves nothing behind.

A verdict's box says what the verdict says.
"""

import re

import pytest

from companion.pages.assembly import BookError, Stage, assemble
from companion.pages.figure_pages import verdict_cell

WRONG = {
    "A link to [nowhere](missing.md).": r"page\.md:3: WARNING.*missing\.md",
    "A link to [a heading](#that-is-gone).": r"page\.md:5: WARNING.*that-is-gone",
    "![A picture that is missing](picture.png)": r"page\.md.*WARNING.*picture\.png",
    "A {term}`word` that no glossary defines.": r"page\.md:9: WARNING: term not in glossary: "
    "'word'",
}
"""Paragraphs of a page, and what the build says of each."""


def test_what_leads_nowhere_stops_the_build_every_time(tmp_path):
    stage = tmp_path / "_build" / "source"
    stage.mkdir(parents=True)
    config = "title: a book\nexecute: {execute_notebooks: 'off'}\nonly_build_toc_files: true\n"
    (stage / "_config.yml").write_text(config, encoding="utf-8")
    (stage / "_toc.yml").write_text("format: jb-book\nroot: page\n", encoding="utf-8")
    (stage / "page.md").write_text("# A page\n\n" + "\n\n".join(WRONG) + "\n", encoding="utf-8")
    for _ in range(2):
        with pytest.raises(BookError) as stopped:
            assemble(tmp_path / "_build")
        assert [said for said in WRONG.values() if not re.search(said, str(stopped.value))] == []
        assert not (tmp_path / "_build" / "html").exists()


def test_the_stage_forgets_what_has_no_source_any_more_and_leaves_the_rest_untouched(tmp_path):
    first = Stage(tmp_path)
    first.write("kept.md", "the same")
    first.write("gone.md", "of an earlier day")
    before = (tmp_path / "kept.md").stat().st_mtime_ns
    second = Stage(tmp_path)
    second.write("kept.md", "the same")
    second.forget_others()
    assert [path.name for path in tmp_path.iterdir()] == ["kept.md"]
    assert (tmp_path / "kept.md").stat().st_mtime_ns == before


@pytest.mark.parametrize(
    ("verdict", "kind"),
    [
        ("Reproduced: all", "tip"),
        ("Partly reproduced: one", "important"),
        ("Not reproduced: none", "warning"),
        ("Reproduced with a difference: some", "note"),
        ("Partly explained: some", "chapter-verdict"),
    ],
)
def test_the_verdict_box_is_no_kinder_than_the_verdict(verdict, kind):
    source = verdict_cell(verdict).source
    title, reason = verdict.split(": ")
    assert f"{{admonition}} Verdict: {title}\n:class: {kind}\n\n{reason.capitalize()}." in source


@pytest.mark.parametrize(
    "verdict", ["Reproduced", "Some of the runs were strange. These are left: none", ""]
)
def test_a_verdict_that_does_not_begin_with_its_word_is_refused(verdict):
    with pytest.raises(BookError, match="begin with a few words and a colon"):
        verdict_cell(verdict)
