"""What the built pages say beside their text, and how they become a book.

Staged for Jupyter Book, assembled, printed.
"""
