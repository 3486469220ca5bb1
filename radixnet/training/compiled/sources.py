"""The source files of this package, now and when it was imported, which name compiled code.

The package imports this module before any other. As long as both digests agree, the
code in memory is that of the files.
"""

from __future__ import annotations

import hashlib
from pathlib import Path


def sources_digest() -> str:
    """Return a digest of all sources of the package, or an empty text if one cannot be read."""
    parts = []
    try:
        # Those that start with a dot are an editor's.
        for path in sorted(Path(__file__).parent.glob("[!.]*.py")):
            parts.append((path.name, hashlib.sha256(path.read_bytes()).hexdigest()))
    except OSError:
        return ""
    return hashlib.sha256(repr(parts).encode()).hexdigest() if parts else ""


AT_IMPORT = sources_digest()
"""`sources_digest` before any other module of the package was imported."""
