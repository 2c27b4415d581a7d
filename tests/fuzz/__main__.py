"""Fuzz the readers: ``python -m tests.fuzz [--minutes 10] [--by atheris] [format …]``.

Each format is given bytes by atheris, which looks for new paths through the
code, and documents by hypothesis, which are nearly right. What either finds is
written to ``tests/fuzz/cases/<format>/``, where the tests read it from then on.
"""

import argparse
import hashlib
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from hypothesis import HealthCheck, given, seed, settings

from tests.fuzz.documents import documents
from tests.fuzz.target import CASES, FORMATS, SEEDS, check

_ROUND = 300


def by_hypothesis(format: str, seconds: float) -> int:
    """Give the reader documents for so long; return how many, or raise what it did wrong."""
    tried = 0

    def one(content: bytes) -> None:
        nonlocal tried
        tried += 1
        try:
            check(format, content)
        except Exception:
            last[:] = [content]
            raise

    last: list[bytes] = []
    end, rounds = time.monotonic() + seconds, 0
    while time.monotonic() < end:
        rounds += 1
        run = settings(
            max_examples=_ROUND,
            deadline=None,
            database=None,
            suppress_health_check=list(HealthCheck),
        )(seed(rounds * 1_000_003 + time.time_ns() % 1_000_003)(given(documents(format))(one)))
        try:
            run()
        except Exception:
            keep(format, last[0])
            raise
    return tried


def keep(format: str, content: bytes) -> Path:
    """Write down what was found, as a case."""
    path = CASES / format / hashlib.sha256(content).hexdigest()[:12]
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    print(f"kept as {path}")
    return path


def by_atheris(format: str, seconds: float) -> int:
    """Give the reader bytes for so long, in a process of its own; return its exit status."""
    with tempfile.TemporaryDirectory() as folder:
        corpus = Path(folder)
        for number, content in enumerate(SEEDS.get(format, [])):
            (corpus / f"seed-{number}").write_bytes(content)
        (CASES / format).mkdir(parents=True, exist_ok=True)
        command = [sys.executable, "-m", "tests.fuzz.bytes", format, folder]
        options = [
            f"-max_total_time={max(1, round(seconds))}",
            f"-artifact_prefix={CASES / format}/",
            "-timeout=20",
            "-rss_limit_mb=3000",
            "-print_final_stats=1",
            "-close_fd_mask=0",
        ]
        return subprocess.run([*command, *options], check=False).returncode


def main() -> None:
    """Fuzz the formats that are named, or all."""
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz", description=__doc__)
    parser.add_argument("formats", nargs="*", default=FORMATS, metavar="format")
    parser.add_argument("--minutes", type=float, default=10, help="on each format, by each")
    parser.add_argument("--by", choices=("both", "hypothesis", "atheris"), default="both")
    asked = parser.parse_args()
    failed = False
    for format in asked.formats or FORMATS:
        if asked.by != "atheris":
            print(f"{format}: {by_hypothesis(format, asked.minutes * 60):,} documents, all well")
        if asked.by != "hypothesis":
            status = by_atheris(format, asked.minutes * 60)
            print(f"{format}: atheris ended with {status}")
            failed |= status != 0
    sys.exit(failed)


if __name__ == "__main__":
    main()
