#!/usr/bin/env bash
# polars 2.1.0 (PyPI): over(order_by=…) keeps ties in the order of rows with one key, not with two.
# From 21 rows on. A second key that says nothing (a sequence that is null throughout) moves the
# events of one moment about, and the first page of a visit with them.
# One would guess: both keep the order of rows, as with up to 20 rows.
# Seen: 60 events: the first page by time is /page-0, by time and sequence /page-57
set -euo pipefail
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
python3 -m venv "$dir/venv"
"$dir/venv/bin/pip" install -qq --disable-pip-version-check polars==2.1.0
"$dir/venv/bin/python" - <<'EOF'
from datetime import datetime

import polars as pl


def first_page(count: int, keys: list[str]) -> str:
    """The first page of a visit of so many events, of which every third has the same time."""
    log = pl.DataFrame(
        {
            "user": ["ann"] * count,
            "time": [datetime(2024, 5, 1, 8, 0, n % 3) for n in range(count)],
            "sequence": pl.Series([None] * count, dtype=pl.Int64),
            "page": [f"/page-{n}" for n in range(count)],
        }
    )
    first = pl.col("page").first().over("user", order_by=keys)
    return log.select(first).item(0, 0)


seen = {}
for count in (20, 60):
    seen[count] = [first_page(count, keys) for keys in (["time"], ["time", "sequence"])]
    by_time, by_both = seen[count]
    print(f"{count} events: the first page by time is {by_time}, by time and sequence {by_both}")
assert seen[20] == ["/page-0", "/page-0"], seen
assert seen[60][0] == "/page-0" and seen[60][1] != "/page-0", seen
EOF
