"""What `scripts/build_book.py` puts on the pages: claims, links, citations, the story, the explorer's runs, reproducibility."""
