"""The pages of docs/coming-from with their peers, each at home in an environment of its own.

.ci/environments FOLDER && CLICKSESSION_ENVIRONMENTS=FOLDER python -m pytest -n 0 THIS_FILE
"""

import os
import subprocess
from pathlib import Path

import pytest

from tests.environments import environment_of

ROOT = Path(__file__).parents[2]
# Every block, also one that is not run where the peer is missing, prints what the page says.
SCRIPT = """
import contextlib, io, sys
from pathlib import Path
from blocks import blocks, difference
names = {}
for block in blocks(Path(sys.argv[1])):
    output = io.StringIO()
    with contextlib.redirect_stdout(output):
        exec(compile(block.code, f"line {block.line}", "exec"), names)
    wrong = block.prints is not None and difference(block.prints, output.getvalue())
    assert not wrong, f"line {block.line}: {wrong}. It printed: {output.getvalue()}"
"""


@pytest.mark.parametrize("peer", ["retentioneering", "skrub"])
def test_the_page_with_the_peer(peer: str, tmp_path: Path) -> None:
    page = ROOT / "docs" / "coming-from" / f"{peer}.md"
    done = subprocess.run(
        [environment_of(peer) / "python", "-c", SCRIPT, page],
        cwd=tmp_path,
        env={
            **os.environ,
            "PYTHONPATH": str(ROOT / "tests" / "docs"),
            # retentioneering tells its makers who calls what, unless it is told not to.
            "RETENTIONEERING_NO_TRACK": "1",
        },
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
