"""The built book opened in Chromium from disk, as a reader does: light, dark and on a phone."""

import pytest
from built_book import PAGES, path_in_book

from companion.notebooks.sources import figure_names, find_source, notebook_names
from companion.pages.assembly import HTML
from companion.places import ROOT

VIEWS = {"light": ("light", 1280), "dark": ("dark", 1280), "phone": ("light", 360)}
NOTEBOOKS = {
    find_source(name).relative_to(ROOT).with_suffix(".html").as_posix() for name in notebook_names()
}

TABLES_CUT = """() => [...document.querySelectorAll("article.bd-article table")]
    .filter((table) => table.checkVisibility() && !table.closest(".interactive-figure"))
    .filter((table) => table.getBoundingClientRect().right
        > document.querySelector("article.bd-article").getBoundingClientRect().right + 1)
    .map((table) => table.outerHTML.slice(0, 300))"""
"""The tables that reach beyond the text, as they begin; those that a reader sorts and filters have
columns to compare, and a box of their own."""

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module", params=VIEWS)
def screen(request, chromium):
    """Return a view's name, a page of the browser that shows it, and what has gone wrong on it."""
    theme, width = VIEWS[request.param]
    context = chromium.new_context(viewport={"width": width, "height": 900}, color_scheme=theme)
    page = context.new_page()
    problems = []
    page.on(
        "console",
        lambda message: (
            problems.append(message.text) if message.type in {"error", "warning"} else None
        ),
    )
    page.on("pageerror", lambda error: problems.append(str(error)))
    page.on("requestfailed", lambda request: problems.append(f"failed: {request.url}"))
    page.on(
        "request",
        lambda request: (
            problems.append(request.url) if request.url.startswith(("http", "ws")) else None
        ),
    )
    yield request.param, page, problems
    context.close()


@pytest.fixture
def view(screen):
    """Return the same with nothing wrong yet; each test opens its own address."""
    screen[2].clear()
    return screen


def open_page(page, path):
    page.goto((HTML / path).as_uri(), wait_until="load")
    page.evaluate(
        "document.fonts.ready.then(() => window.MathJax?.startup?.promise).then(() => true)"
    )


@pytest.mark.parametrize("path", [path_in_book(page) for page in PAGES])
def test_a_page_opens_whole_in_the_ink_of_the_theme_and_without_a_word_on_the_console(view, path):
    name, page, problems = view
    theme, width = VIEWS[name]
    open_page(page, path)
    assert page.locator("h1:visible").count() == 1
    widest = page.evaluate("document.documentElement.scrollWidth")
    assert widest <= width, f"{widest} pixels wide: a reader must scroll sideways"
    assert page.evaluate(TABLES_CUT) == [], "a table is cut, or a reader must scroll it sideways"
    if path in NOTEBOOKS:
        assert_pictures_are_in_the_ink_of(page, theme)
    assert problems == []


def assert_pictures_are_in_the_ink_of(page, theme):
    other = {"light": "dark", "dark": "light"}[theme]
    images = page.locator(f"img.figure-{theme}").all()
    assert images
    for image in images:
        assert image.is_visible()
        assert image.evaluate("image => image.complete && image.naturalWidth") > 1000
        assert image.bounding_box()["width"] > 250
        ground = image.evaluate(
            "image => getComputedStyle(image.closest('.text_html')).backgroundColor"
        )
        assert ground == "rgba(0, 0, 0, 0)", "a figure in dark ink needs the page's own ground"
    assert not any(image.is_visible() for image in page.locator(f"img.figure-{other}").all())


@pytest.mark.parametrize("screen", ["phone"], indirect=True)
def test_the_landing_page_leads_to_every_figure(view):
    _, page, _ = view
    for figure in figure_names():
        open_page(page, "book/index.html")
        card = page.locator(".gallery", has=page.locator(f"a[href*='/{figure}.html']"))
        assert card.locator("img:visible").count() == 1
        card.click()  # anywhere on it
        page.wait_for_url(f"**/{figure}.html")


@pytest.mark.parametrize("screen", ["light"], indirect=True)
def test_formulas_are_typeset(view):
    _, page, _ = view
    open_page(page, "book/figures/fig01_adjacency.html")
    page.wait_for_selector("mjx-container")


@pytest.mark.parametrize("screen", ["light"], indirect=True)
def test_the_numbers_behind_a_figure_are_saved_as_csv(view):
    _, page, _ = view
    open_page(page, "book/figures/fig03_sparsities.html")
    with page.expect_download() as saved:
        page.locator("a[download='fig03_sparsities.csv']").click()
    lines = saved.value.path().read_text(encoding="utf-8").splitlines()
    assert lines[0].startswith("radix_lists,product,")
    assert len(lines) == 1 + 1517
