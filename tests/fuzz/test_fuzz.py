"""A short run of each fuzzer, and everything that longer runs have found."""

import os
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.fuzz.documents import documents
from tests.fuzz.target import CASES, FORMATS, SEEDS, check

ROOT = Path(__file__).parents[2]
FOUND = sorted(path for path in CASES.glob("*/*") if path.is_file())


def test_every_format_has_seeds_that_are_read() -> None:
    assert sorted(SEEDS) == FORMATS
    for format, seeds in SEEDS.items():
        for content in seeds:
            check(format, content)


@pytest.mark.parametrize("format", FORMATS)
@settings(max_examples=40, suppress_health_check=list(HealthCheck))
@given(st.data())
def test_documents_that_are_nearly_right(format: str, data: st.DataObject) -> None:
    check(format, data.draw(documents(format)))


@pytest.mark.parametrize("path", FOUND, ids=lambda path: f"{path.parent.name}-{path.name}")
def test_what_was_found(path: Path) -> None:
    check(path.parent.name, path.read_bytes())


@pytest.mark.skipif(
    find_spec("atheris") is None, reason='needs atheris: pip install "clicksession[fuzz]"'
)
@pytest.mark.parametrize("format", FORMATS)
def test_bytes_for_some_seconds(format: str, tmp_path: Path) -> None:
    corpus = tmp_path / "corpus"
    corpus.mkdir()
    for number, content in enumerate(SEEDS[format]):
        (corpus / str(number)).write_bytes(content)
    command = [sys.executable, "-m", "tests.fuzz.bytes", format, str(corpus)]
    options = ["-runs=200", "-max_total_time=5", f"-artifact_prefix={tmp_path}/", "-timeout=20"]
    done = subprocess.run(
        [*command, *options],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-3000:]
    assert "Done " in done.stderr
