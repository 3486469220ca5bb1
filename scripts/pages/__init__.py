"""What `scripts/build_book.py` puts on the pages: links, citations, the explorer's runs, reproducibility."""
