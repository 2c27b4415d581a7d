"""The page on sessions in dbt, from an empty folder, as it is written.

CLICKSESSION_ENVIRONMENTS=FOLDER python -m pytest -n 0 THIS_FILE, after .ci/environments FOLDER
"""

import contextlib
import io
import os
import re
import subprocess
from pathlib import Path
from typing import Any

import pytest

from tests.dbt.running import QUIET
from tests.docs.blocks import blocks, difference
from tests.environments import environment_of

PAGE = Path(__file__).parents[2] / "docs" / "how-to" / "dbt-sessions.md"
_BASH = re.compile(r"^```bash\n(.*?)^```$", re.MULTILINE | re.DOTALL)


def test_the_page(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    commands = environment_of("dbt")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PATH", f"{commands}{os.pathsep}{os.environ['PATH']}")
    text = PAGE.read_text("utf-8")
    shell = {text.count("\n", 0, found.start()): found[1] for found in _BASH.finditer(text)}
    steps: dict[int, Any] = {**shell, **{block.line: block for block in blocks(PAGE)}}
    names: dict[str, Any] = {}
    for line, step in sorted(steps.items()):
        if isinstance(step, str):
            if not step.startswith("pip "):
                done = subprocess.run(
                    ["bash", "-ec", step],
                    env={**os.environ, **QUIET},
                    capture_output=True,
                    text=True,
                )
                assert done.returncode == 0, f"line {line}: {done.stdout}{done.stderr}"
            continue
        printed = io.StringIO()
        with contextlib.redirect_stdout(printed):
            exec(compile(step.code, f"line {line}", "exec"), names)
        wrong = step.prints is not None and difference(step.prints, printed.getvalue())
        assert not wrong, f"line {line}: {wrong}\n{printed.getvalue()}"
