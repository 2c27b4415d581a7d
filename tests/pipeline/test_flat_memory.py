"""A larger log takes no more memory."""

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

_FEW, _MANY = 500_000, 1_500_000

# What the larger log may take more: DuckDB and Arrow hold blocks as it suits them. Of rows that
# stay in memory until they are committed, a million takes twice this.
_MORE_MEGABYTES = 220

_CHILD = """
import sys
from benchmarks.timing import peak_megabytes
import clicksession as cs

log, target, rows = sys.argv[1:]
report = cs.run(log, f"duckdb:///{target}", memory="16MB")
assert report.events_added == int(rows), report
print(peak_megabytes(), end='')
"""


def _peak_megabytes(folder: Path, rows: int) -> int:
    """Load a log in random order in a process of its own."""
    random = np.random.default_rng(rows)
    log = folder / f"{rows}.parquet"
    times = random.integers(1_714_521_600, 1_717_113_600, rows)
    users = random.integers(0, rows // 10, rows)
    digits = random.integers(0, 2**62, (2, rows))
    frame = pd.DataFrame(
        {
            "event_id": random.permutation(rows),
            "user_id": users,
            "timestamp": pd.to_datetime(times, unit="s", utc=True),
            "event_page": pd.Series(digits[0]).astype("str")
            + "/"
            + pd.Series(digits[1]).astype("str"),
            "event_user_agent": "Mozilla/5.0 (X11; Linux x86_64) Chrome/"
            + pd.Series(users % 90).astype("str"),
        }
    )
    frame.to_parquet(log, row_group_size=100_000)
    done = subprocess.run(
        [sys.executable, "-c", _CHILD, str(log), str(folder / f"{rows}.db"), str(rows)],
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return int(done.stdout)


@pytest.mark.skipif(sys.platform == "win32", reason="needs getrusage")
def test_a_larger_log_takes_no_more_memory(tmp_path: Path) -> None:
    few, many = (_peak_megabytes(tmp_path, rows) for rows in (_FEW, _MANY))
    assert many < few + _MORE_MEGABYTES, (few, many)
