"""What training in the page reads: MNIST as it is packaged, and kernels that any browser takes."""

import base64
import json
from html import unescape
from pathlib import Path
from urllib.parse import parse_qs

import pandas as pd
import pytest

import radixnet as rx
from companion.pages.live_kernels import VARIANTS, kernels_script, with_exports
from companion.pages.live_scripts import PARTS, mnist_scripts
from companion.pages.training_links import NETWORKS, training_link
from companion.places import ROOT, published
from companion.publication import BEYOND, RUNS, read_runs


def value_of(script):
    return json.loads(script.split(" = ", 1)[1].rstrip(";\n"))


def test_the_pieces_of_the_scripts_are_the_packaged_files_byte_for_byte():
    parts = [value_of(script) for script in mnist_scripts().values()]
    folder = Path(rx.__file__).parent / "data" / "mnist"
    files = {path.stem: path.read_bytes() for path in folder.glob("*.gz")}
    assert len(files) == 4
    for name, content in files.items():
        assert b"".join(base64.b64decode(part[name]) for part in parts) == content
    data = (ROOT / "book" / "_static" / "live" / "data.js").read_text(encoding="utf-8")
    assert f"const PARTS = {PARTS};" in data


def test_the_kernels_are_small_and_the_same_at_every_build():
    script = kernels_script()
    assert script == kernels_script()
    modules = {name: base64.b64decode(text) for name, text in value_of(script).items()}
    assert list(modules) == list(VARIANTS)
    for module in modules.values():
        assert module.startswith(b"\0asm\1\0\0\0")
        assert len(module) < 10_000


def test_an_object_file_that_needs_a_linker_is_refused():
    section = bytes([11]) + b"reloc.CODE"
    with pytest.raises(ValueError, match="need a linker"):
        with_exports(b"\0asm\1\0\0\0" + bytes([0, len(section)]) + section, ["adam"])


@pytest.mark.parametrize("page", NETWORKS)
def test_a_link_to_training_leads_to_a_network_whose_run_is_published(page):
    runs = pd.concat([read_runs(published(name)) for name in (RUNS, BEYOND)])
    address = unescape(training_link(page).split('"')[3])
    file, _, settings = address.partition("#")
    asked = {"seed": "1000", "epochs": "3", "batch_size": "100"}
    asked |= {name: values[0] for name, values in parse_qs(settings).items()}
    assert file == "../explorer.html"
    assert asked.pop("show") == "training"
    assert asked.pop("rival", "seed") == "seed"
    found = runs[runs["figure"].isin({page} & set(runs["figure"]) or set(runs["figure"]))]
    for name, value in asked.items():
        found = found[found[name].astype(str).str.replace(" ", "") == value]
    assert len(found)


def test_a_page_without_a_network_of_its_own_has_no_link_to_training():
    assert training_link("fig01") == ""
