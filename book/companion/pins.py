"""The versions that the locks name."""

from __future__ import annotations

import re

from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet
from packaging.utils import NormalizedName, canonicalize_name

from companion.places import ROOT

LOCKS = (ROOT / "requirements.lock", ROOT / "requirements-test.lock")
"""What the book needs, and what its tests need beyond it."""
ENTRY = re.compile(r"^[a-z0-9].*\n(?:[ ]+--hash=.*\n)*", re.MULTILINE)
"""One package of a lock: its pin, and a line for each hash."""


def locked_pins(lock: str) -> list[str]:
    """Return the `name==version` lines of a lock, markers kept, hashes left out."""
    return [entry.splitlines()[0].removesuffix("\\").strip() for entry in ENTRY.findall(lock)]


def pins_here(lock: str) -> dict[NormalizedName, SpecifierSet]:
    """Return what a lock asks for, by name, on this Python and system."""
    pins = [Requirement(pin) for pin in locked_pins(lock)]
    return {
        canonicalize_name(pin.name): pin.specifier
        for pin in pins
        if pin.marker is None or pin.marker.evaluate()
    }
