"""A folder with the log, the target and the files that examples of the help name."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

import clicksession as cs


@pytest.fixture(scope="package")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("shop")
    cs.datasets.write_webshop(folder / "events.json.gz", customers=60, seed=3)
    target = f"duckdb:///{folder / 'shop.duckdb'}"
    cs.run(folder / "events.json.gz", target, schema=cs.EventSchema.preset("webshop"))
    (folder / "log.csv").write_text("customerId,when,action\n7,2024-05-01T10:00Z,view\n")
    return folder


@pytest.fixture
def folder(made: Path, tmp_path: Path) -> Iterator[Path]:
    """The folder that commands run in: files of its own, which a test may change."""
    for file in made.iterdir():
        (tmp_path / file.name).write_bytes(file.read_bytes())
    before = Path.cwd()
    os.chdir(tmp_path)
    yield tmp_path
    os.chdir(before)
