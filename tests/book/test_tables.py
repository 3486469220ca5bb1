"""Tables that a phone shows as stacked rows: which, and with which labels."""

from bs4 import BeautifulSoup

from companion.pages.tables import with_fitting_tables

LONG = "a value of quite some length, and then more words that need their room"


def table(head, body):
    rows = "".join(f"<tr>{row}</tr>" for row in body)
    heads = "".join(f"<tr>{row}</tr>" for row in head)
    return f"<p>before</p><table><thead>{heads}</thead><tbody>{rows}</tbody></table><p>after</p>"


def cells(*values, name="td"):
    return "".join(f"<{name}>{value}</{name}>" for value in values)


def labelled(page):
    """Return for each row of a stacked table what a phone shows: labels and values."""
    found = BeautifulSoup(with_fitting_tables(page), "html.parser").select("table.stacks tbody tr")
    return [
        [(cell.get("data-label"), cell.get_text()) for cell in row.find_all(["td", "th"])]
        for row in found
    ]


def test_a_table_that_fits_a_phone_stays_as_it_is():
    page = table([cells("seed", "accuracy", name="th")], [cells("1000", "0.97")])
    assert with_fitting_tables(page) == page


def test_each_value_of_a_wide_table_gets_the_heading_of_its_column():
    head = [cells("network", "what it is", "verdict", name="th")]
    page = table(head, [cells(LONG, LONG, "<b>holds</b>"), cells("short", LONG, LONG)])
    names = ["network", "what it is", "verdict"]
    assert labelled(page) == [
        list(zip(names, [LONG, LONG, "holds"], strict=True)),
        list(zip(names, ["short", LONG, LONG], strict=True)),
    ]
    shown = with_fitting_tables(page)
    assert "<b>holds</b>" in shown
    assert shown.startswith("<p>before</p>")
    assert with_fitting_tables(shown) == shown, "a page that is not built again stays as it is"


def test_names_of_variables_in_headings_may_break():
    page = table([cells("prepare_seconds", "seconds", name="th")], [cells("1_0", "2")])
    shown = with_fitting_tables(page)
    assert "<th>prepare_<wbr>seconds</th>" in shown
    assert "<td>1_0</td>" in shown
    assert with_fitting_tables(shown) == shown


def test_headings_over_several_columns_and_in_several_rows_are_joined():
    head = [
        '<th></th><th colspan="2">accuracy on test images</th><th>sum</th>',
        cells("model", "lowest", "highest", "", name="th"),
    ]
    (row,) = labelled(table(head, [cells(LONG, "1", "2", LONG)]))
    assert [label for label, _ in row] == [
        "model", "accuracy on test images, lowest", "accuracy on test images, highest", "sum",
    ]  # fmt: skip


def test_a_cell_over_several_rows_is_repeated_for_phones_only():
    head = [cells("data", "sparsity", "accuracy", name="th")]
    body = ['<th rowspan="2" id="row0">MNIST</th>' + cells(LONG, LONG), cells("90%", LONG)]
    page = table(head, body)
    assert [row[0] for row in labelled(page)] == [("data", "MNIST")] * 2
    again = BeautifulSoup(with_fitting_tables(page), "html.parser").select(".stacks-again")
    assert [sorted(cell.attrs) for cell in again] == [["class", "data-label"]]


def test_a_table_whose_rows_do_not_match_its_headings_is_left_alone():
    page = table([cells("a", "b", name="th")], [cells(LONG, LONG, LONG)])
    assert with_fitting_tables(page) == page
