"""Print the whole book: one PDF with a title page, contents and page numbers."""

from __future__ import annotations

import sys

from playwright.sync_api import sync_playwright

from command import command, folder_to_write
from companion.pages import chromium
from companion.pages.assembly import HTML
from companion.pages.printing import PrintError, print_document, whole_book
from companion.places import BUILD, ROOT

DOCUMENT = BUILD / "print" / "book.html"
PDF = BUILD / "print" / "book.pdf"


@command
def main() -> int:
    """Print the built book and say where the PDF is."""
    program = chromium.find()
    try:
        if program is None:
            raise PrintError(chromium.MISSING)
        folder_to_write(DOCUMENT.parent)
        DOCUMENT.write_text(
            whole_book(ROOT / "_toc.yml", ROOT / "_config.yml", HTML), encoding="utf-8"
        )
        with sync_playwright() as playwright:
            browser = chromium.launch(playwright, program)
            print_document(DOCUMENT, PDF, browser.new_page())
            browser.close()
    except PrintError as error:
        print(f"\nstopped: {error}", file=sys.stderr)
        return 1
    print(f"\nThe whole book is printed:\n\n    {PDF}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
