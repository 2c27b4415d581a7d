"""The notebooks of the examples run from a clean kernel, and show what is stored in them."""

import re
from pathlib import Path

import nbformat
import pytest

from tests.examples.notebooks import NOTEBOOKS, executed, shown


def test_the_notebooks_are_there() -> None:
    assert [path.stem for path in NOTEBOOKS] == [
        "choosing_a_timeout",
        "comparing_definitions",
        "from_a_dataframe_to_a_warehouse",
        "quickstart",
    ]


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_a_clean_kernel_shows_what_is_stored(path: Path) -> None:
    pytest.importorskip("matplotlib", reason='needs matplotlib: pip install "clicksession[plots]"')
    stored, again = nbformat.read(path, as_version=4), executed(path)
    for cell, before, now in zip(stored.cells, shown(stored), shown(again), strict=True):
        assert now == before, f"the cell that begins with {cell.source[:60]!r}"


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_what_is_stored_tells_nothing_of_the_machine(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert not re.search(r"/tmp/|/home/|/root/|file://|\d\.\d s\b.{0,20}files|0x[0-9a-f]{6,}", text)
    book = nbformat.read(path, as_version=4)
    for cell in book.cells:
        assert all(output.output_type != "error" for output in cell.get("outputs", []))
        assert all(output.get("name") != "stderr" for output in cell.get("outputs", []))


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_every_picture_says_what_it_shows(path: Path) -> None:
    for cell in nbformat.read(path, as_version=4).cells:
        kinds = {kind for output in cell.get("outputs", []) for kind in output.get("data", {})}
        assert "image/png" not in kinds or len(cell.metadata.get("alt", "")) > 20
