"""Every command that the documentation shows at a prompt runs and says what its page says."""

import contextlib
import io
import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

from clicksession.cli import main
from tests.docs.blocks import difference

ROOT = Path(__file__).parents[2]
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]
_BLOCK = re.compile(r"^```console\n(.*?)^```$", re.MULTILINE | re.DOTALL)


def commands_of(page: Path) -> list[tuple[str, str]]:
    """Return the commands of a page in order, each with what it is said to print."""
    blocks = _BLOCK.findall(page.read_text(encoding="utf-8"))
    parts = [part for block in blocks for part in re.split(r"^\$ ", block, flags=re.MULTILINE)[1:]]
    return [(line, said) for line, _, said in (part.partition("\n") for part in parts)]


WITH_COMMANDS = [page for page in PAGES if commands_of(page)]


@pytest.mark.parametrize("page", WITH_COMMANDS, ids=lambda page: page.name)
def test_console_in_docs(page: Path, tmp_path: Path) -> None:
    script = tmp_path / "bin" / "clicksession"
    script.parent.mkdir()
    script.write_text(f'#!/bin/sh\nexec {shlex.quote(sys.executable)} -m clicksession "$@"\n')
    script.chmod(0o755)
    folder = tmp_path / "folder"
    folder.mkdir()
    for line, said in commands_of(page):
        if line.startswith("cd "):
            folder /= line.removeprefix("cd ")
            continue
        printed = _printed(line, folder, script.parent)
        wrong = difference(said, printed)
        if wrong:
            pytest.fail(f"{page.name}: $ {line}\n{wrong}\n\nit printed:\n{printed}", pytrace=False)


def _printed(line: str, folder: Path, scripts: Path) -> str:
    """Return what a terminal would show; without a shell, where a line needs none."""
    words = shlex.split(line)
    if words[0] == "clicksession" and not {"|", ">"}.intersection(words):
        shown = io.StringIO()
        with (
            contextlib.chdir(folder),
            contextlib.redirect_stdout(shown),
            contextlib.redirect_stderr(shown),
        ):
            main(words[1:])
        return shown.getvalue()
    environment = {
        **os.environ,
        "PATH": f"{scripts}{os.pathsep}{os.environ['PATH']}",
        "PYTHONPATH": f"{ROOT / 'src'}{os.pathsep}{os.environ.get('PYTHONPATH', '')}",
    }
    return subprocess.run(
        ["bash", "-c", line],
        cwd=folder,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    ).stdout


def test_pages_are_found() -> None:
    assert len(WITH_COMMANDS) > 0
