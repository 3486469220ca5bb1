"""The unfilled template is refused, each rule says what to do, and a filled one executes."""

import re
from functools import partial

import jupytext
import pytest

import new_figure
import notebook_rules
from companion.notebooks.execution import execute, page_files
from companion.notebooks.rules import IN_ORDER, MARK, problems
from companion.places import ROOT
from new_figure import NewFigureError, begin, check_name

TEMPLATE = (ROOT / "book" / "template.py").read_text(encoding="utf-8")


def filled(text=TEMPLATE):
    """Return the template with each mark written over, in the same way whatever stands beside it.

    A line of other words.
    """
    text = re.sub(rf'alt="{MARK}[^"]*"', 'alt="A line that rises from 10 to 100 units."', text)
    text = text.replace(f"{MARK}: the reason", "Reproduced: so it is")
    return re.sub(rf"{MARK} .*", "Words of the author that say what is meant.", text)


@pytest.fixture
def notebook(tmp_path):
    """Return a function that writes a notebook's source into a folder of chapters."""

    def write(text, folder="beyond", name="depth"):
        source = tmp_path / folder / f"{name}.py"
        source.parent.mkdir(exist_ok=True)
        source.write_text(text, encoding="utf-8")
        return source

    return write


def test_the_unfilled_template_is_refused_at_every_mark_with_what_belongs_there(notebook):
    found = problems(notebook(TEMPLATE))
    assert len(found) == TEMPLATE.count(MARK) > 10
    assert all(
        re.match(rf"depth\.py, cell \d+: still to be written: {MARK}.+", problem)
        for problem in found
    )
    cells = {int(re.search(r"cell (\d+)", problem)[1]) for problem in found}
    written = [
        number
        for number, cell in enumerate(jupytext.reads(TEMPLATE, fmt="py:percent").cells, 1)
        if MARK in cell.source
    ]
    assert sorted(cells) == written


def test_the_filled_template_is_accepted(notebook):
    assert problems(notebook(filled())) == []


def test_a_single_mark_left_is_enough_to_be_refused(notebook):
    places = [match.span() for match in re.finditer(MARK, TEMPLATE)]
    for start, end in places:
        source = notebook(filled(TEMPLATE[:start] + "@@@" + TEMPLATE[end:]).replace("@@@", MARK))
        assert len(problems(source)) == 1, source.read_text(encoding="utf-8")[start - 50 : end + 50]


BROKEN = {
    "whose first line is the title": ("# %% [markdown]\n# # Words", "# %% [markdown]\n# Words"),
    "tagged 'figure'; there are 0": ('["figure", "hide-input"]', '["hide-input"]'),
    "one cell tagged 'parameters'; this one has 0": ('# %% tags=["parameters"]', "# %%"),
    "tagged 'remove-cell'; there are 2": ('["remove-input"]', '["remove-cell"]'),
    "tagged 'nbval-check-output'; there are 0": ('["nbval-check-output", "hide-input"]', "[]"),
    "end with '## Try this'": ("## Try this", "## Have a go"),
    "a line that begins '- '; it has 1": ("\n# - Words", "\n# Words"),
    "= [784, 300, 100, 10]' must be a sentence": ("# Neurons, inputs first;", "# neurons;"),
    "holds plain assignments, such as": ("[784, 300, 100, 10]", "[28 * 28, 300, 100, 10]"),
    "takes turns: a line of comment": ("\nlayer_sizes = [784", "\n\nlayer_sizes = [784"),
    "'cell_metadata_filter: tags,-all' is missing": ("#     cell_metadata_filter: tags,-all\n", ""),
    "remove jupytext_ve": ("format_version", "jupytext_version: 1.2.3\n#       format_version"),
    "not as Jupytext writes it": ('tags=["remove-input"]', "tags=['remove-input']"),
}
"""What each rule says, and what breaks it: these words in place of those."""


@pytest.mark.parametrize("message", BROKEN)
def test_each_rule_says_what_to_do(notebook, message):
    text, words = filled(), BROKEN[message]
    assert words[0] in text
    found = problems(notebook(text.replace(*words, 1)))
    assert any(message in problem for problem in found), found


def test_cells_out_of_order_are_named(notebook):
    head, *cells = filled().split("\n# %%")
    by_tag = {
        tag: next(number for number, cell in enumerate(cells) if f'"{tag}"' in cell)
        for tag in IN_ORDER
    }
    picture, findings = by_tag["figure"], by_tag["nbval-check-output"]
    cells[picture], cells[findings] = cells[findings], cells[picture]
    found = problems(notebook("\n# %%".join([head, *cells])))
    assert any(
        "must come in this order; they are cells 2, 7, 6, 9" in problem for problem in found
    ), found


def test_a_figure_of_the_paper_must_say_its_number_and_what_the_paper_says(notebook):
    text = filled().replace("**The paper says**", "**We say**")
    found = problems(notebook(text, folder="figures", name="fig12_depth"))
    assert [problem.partition(": ")[2] for problem in found] == [
        "the title of a figure of the paper begins '# Figure 12: '",
        "say what the paper says, beginning '**The paper ...**', with {cite}`kwak2023`",
    ]


@pytest.fixture
def repository(tmp_path, monkeypatch):
    """Return a folder with the files that a new chapter is entered in, as they are now."""
    for file in ("_toc.yml", "book/template.py"):
        (tmp_path / file).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / file).write_bytes((ROOT / file).read_bytes())
    (tmp_path / "book" / "beyond").mkdir()
    monkeypatch.setattr("companion.notebooks.rules.ROOT", tmp_path)
    return tmp_path


def test_a_chapter_is_entered_after_the_others(repository):
    source = begin("depth", r"How deep \1 may it be?", repository)
    assert source == repository / "book" / "beyond" / "depth.py"
    assert all(
        "still to be written" in problem for problem in problems(source)
    )  # the places are in order
    assert r"# # How deep \1 may it be?" in source.read_text(encoding="utf-8")
    assert '"depth_numbers.csv"' in source.read_text(encoding="utf-8")
    assert "depth_verdict=" in source.read_text(encoding="utf-8")
    assert "template" not in source.read_text(encoding="utf-8")
    contents = (repository / "_toc.yml").read_text(encoding="utf-8").splitlines()
    place = contents.index("      - file: book/beyond/depth")
    assert "book/beyond/" in contents[place - 1]
    assert "book/beyond/" not in contents[place + 1]


def test_its_place_is_missed_when_a_chapter_is_written_without_it(repository):
    source = repository / "book" / "beyond" / "depth.py"
    source.write_text(filled(), encoding="utf-8")
    (contents,) = problems(source)
    assert "add '- file: book/beyond/depth' to _toc.yml" in contents


@pytest.mark.parametrize("name", ["", "Depth", "a depth", "depth.py", "../depth", "fan_in", "9th"])
def test_a_name_that_is_no_address_is_refused(name):
    with pytest.raises(NewFigureError, match="expected one word of small letters and digits"):
        check_name(name, [])


@pytest.mark.parametrize("name", ["template", "index", "fig10"])
def test_a_name_that_has_a_meaning_is_refused(name):
    with pytest.raises(
        NewFigureError, match="is kept for the template, the landing page or a figure"
    ):
        check_name(name, [])


def test_a_name_that_a_notebook_has_is_refused(repository):
    before = {path: path.read_bytes() for path in repository.rglob("*") if path.is_file()}
    for name in ("fig04", "strange"):
        with pytest.raises(NewFigureError, match=f"a notebook of the name '{name}' already"):
            begin(name, "A title", repository)
    assert {path: path.read_bytes() for path in repository.rglob("*") if path.is_file()} == before


def test_a_chapter_without_a_title_is_refused(repository):
    with pytest.raises(NewFigureError, match="needs a title: make new NAME=depth TITLE="):
        begin("depth", " ", repository)


def test_nothing_is_written_when_there_is_no_place_for_it(repository):
    (repository / "_toc.yml").write_text("root: book/index\n", encoding="utf-8")
    with pytest.raises(
        NewFigureError,
        match=r"_toc\.yml has no chapter .* do it by hand:\n\n +- file: book/beyond/depth",
    ):
        begin("depth", "A title", repository)
    assert not (repository / "book/beyond/depth.py").exists()


def test_the_command_says_what_is_wrong_and_what_comes_next(repository, monkeypatch, capsys):
    monkeypatch.setattr(new_figure, "ROOT", repository)
    monkeypatch.setattr(new_figure, "begin", partial(begin, root=repository))
    monkeypatch.setattr("sys.argv", ["new_figure.py", "A B", "A title"])
    assert new_figure.main() == 1
    assert capsys.readouterr().err.startswith("\nstopped: the name 'A B'")
    monkeypatch.setattr("sys.argv", ["new_figure.py", "depth", "A title"])
    assert new_figure.main() == 0
    assert "Written: book/beyond/depth.py" in (said := capsys.readouterr().out)
    assert "make figure FIG=depth" in said


def test_the_command_that_checks_them_all_fails_when_one_is_not_fit(
    repository, monkeypatch, capsys
):
    source = begin("depth", "A title", repository)
    monkeypatch.setattr("notebook_rules.figure_names", lambda: ["depth"])
    monkeypatch.setattr("notebook_rules.lesson_names", list)
    monkeypatch.setattr("notebook_rules.find_source", lambda _: source)
    monkeypatch.setattr("sys.argv", ["notebook_rules.py"])
    assert notebook_rules.main() == 1
    assert "depth.py, cell 1: still to be written" in capsys.readouterr().err
    source.write_text(filled(source.read_text(encoding="utf-8")), encoding="utf-8")
    assert notebook_rules.main() == 0
    assert capsys.readouterr().err == ""


def test_the_template_executes_as_it_stands_and_gives_what_a_page_needs(tmp_path):
    result = tmp_path / "template.ipynb"
    execute(ROOT / "book" / "template.py", result, {"last_radices": [1, 5, 10]})
    (table,) = page_files(result).glob("*.csv")
    # The last radix is the output fan-in before trimming: ten outputs share min(100, 9 + r)
    # consecutive units of the hundred.
    assert table.read_text(encoding="utf-8").splitlines() == [
        "last_radix,live_units",
        "1,10",
        "5,14",
        "10,19",
    ]
