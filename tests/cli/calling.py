"""The command line as a shell sees it, and as the tests call it within their own process."""

import os
import shlex
import subprocess
import sys
from pathlib import Path
from typing import Any, NamedTuple

from clicksession.cli import main

ROOT = Path(__file__).parents[2]


class Said(NamedTuple):
    """What a command gave."""

    code: int
    out: str
    err: str


def call(capsys: Any, line: str) -> Said:
    """Run a command within this process."""
    capsys.readouterr()
    try:
        code = main(shlex.split(line))
    except SystemExit as end:
        code = int(end.code or 0)
    out, err = capsys.readouterr()
    return Said(code, out, err)


def environment(**more: str) -> dict[str, str]:
    """Return the environment in which a process finds this package, wherever it runs."""
    paths = [str(ROOT / "src"), os.environ.get("PYTHONPATH", "")]
    return {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, paths)), **more}


def started(line: str, folder: Path, **more: Any) -> subprocess.Popen[str]:
    """Start a command as a process."""
    return subprocess.Popen(
        [sys.executable, "-m", "clicksession", *shlex.split(line)],
        cwd=folder,
        env=environment(),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        **more,
    )
