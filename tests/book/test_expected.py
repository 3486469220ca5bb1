"""A number that a notebook prints changes only when somebody means it to."""

import nbformat
from nbformat.v4 import new_code_cell, new_notebook, new_output

from companion.notebooks.expected import changes


def test_a_changed_line_is_shown_beside_the_kept_one_until_it_is_kept(tmp_path):
    def execute(*texts):
        cells = [
            new_code_cell(outputs=[new_output("stream", text=text)], metadata={"tags": [tag]})
            for text in texts
            for tag in ("nbval-check-output", "figure")  # only the first is compared
        ]
        nbformat.write(new_notebook(cells=cells), tmp_path / "fig99.ipynb")
        return [tmp_path / "fig99.ipynb"]

    expected = tmp_path / "expected"
    expected.mkdir()
    changes(execute("accuracy: 0.9\nruns: 3\n", "other\n"), keep=True, expected=expected)
    executed = execute("accuracy: 0.92\nruns: 3\n", "other\n")
    (expected / "gone.txt").write_text("a number\n", encoding="utf-8")
    for keep in (False, True):
        shown = changes(executed, keep=keep, expected=expected)
        assert "\n-accuracy: 0.9\n+accuracy: 0.92\n" in shown
        assert "belongs to no notebook" in shown
        assert "runs" not in shown
    assert changes(executed, keep=False, expected=expected) == ""
    assert [path.name for path in expected.iterdir()] == ["fig99.txt"]
