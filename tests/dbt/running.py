"""A process with dbt, driven line by line."""

import json
import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from tests.environments import environment_of

WORKER = Path(__file__).with_name("worker.py")
# Nothing is told to anybody, whatever the project says.
QUIET = {"DO_NOT_TRACK": "1", "DBT_SEND_ANONYMOUS_USAGE_STATS": "0"}


# Added to what is written, so that a test can have the lights go out while a model is made.
HOOK = """
models:
  +post-hook: >-
    {{ exceptions.raise_compiler_error('power cut')
    if env_var('POWER_CUT', '') == model.name else '' }}
"""


class Dbt:
    """A process with dbt, which works in one project at a time."""

    def __init__(self, process: "subprocess.Popen[str]", folder: Path) -> None:
        self._process = process
        self.folder = folder
        self.project = folder
        self.target = ""

    def ask(self, **asked: Any) -> dict[str, Any]:
        """Send one line, and return its answer."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(json.dumps(asked) + "\n")
        self._process.stdin.flush()
        line = self._process.stdout.readline()
        assert line, "dbt's process has ended"
        answer: dict[str, Any] = json.loads(line)
        return answer

    def tries(self, *arguments: str, **environment: str) -> dict[str, Any]:
        """Run dbt, and return how it went."""
        there = ("--project-dir", f"{self.project}", "--target", self.target)
        return self.ask(dbt=[*arguments, *there], environment=environment)

    def __call__(self, *arguments: str, **environment: str) -> list[str]:
        """Run dbt, which must succeed; return what it ran."""
        done = self.tries(*arguments, **environment)
        assert done["success"], done
        ran: list[str] = done["ran"]
        return ran


@contextmanager
def dbt_in(folder: Path, **environment: str) -> Iterator[Dbt]:
    """A process with dbt in the folder of a project, from an environment made for it."""
    command = [environment_of("dbt") / "python", WORKER]
    with (
        (folder / "errors.txt").open("w") as errors,
        subprocess.Popen(
            command,
            cwd=folder,
            env={**os.environ, **QUIET, **environment},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=errors,
            text=True,
        ) as process,
    ):
        # It ends by itself when nothing more can be asked: closing its input says so.
        yield Dbt(process, folder)
