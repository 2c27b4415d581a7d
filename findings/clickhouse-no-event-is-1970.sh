#!/usr/bin/env bash
# chdb 4.4.0 (PyPI; ClickHouse 26.9): lag() of the first event and lead() of the last are 1970, not null.
# Where the column is not Nullable, "no event" is 0, '' or 1970-01-01. A first visit comes 54 years
# after the visit before, and coalesce or "is null" never see it. leadInFrame(), whose default frame
# ends at the current row, is 1970 for every row.
# One would guess: null, as in other engines, and leadInFrame() to see the next row.
# Seen: lag 1970, 10:00; lead 10:10, 1970; leadInFrame 1970, 1970; minutes since the visit before 28575960, 10
set -euo pipefail
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
python3 -m venv "$dir/venv"
"$dir/venv/bin/pip" install -qq --disable-pip-version-check chdb==4.4.0 chdb-core==26.9.0
cd "$dir" && TZ=UTC venv/bin/python - <<'EOF'
import chdb

query = """
    SELECT lag(at) OVER w, lead(at) OVER w, leadInFrame(at) OVER w,
           dateDiff('minute', lag(at) OVER w, at)
    FROM values('at DateTime', '2024-05-01 10:00:00', '2024-05-01 10:10:00')
    WINDOW w AS (ORDER BY at)
    ORDER BY at
"""
rows = [line.split("\t") for line in str(chdb.query(query, "TSV")).splitlines()]
for row in rows:
    print("lag {}, lead {}, leadInFrame {}, minutes {}".format(*row))

none = "1970-01-01 00:00:00"
assert rows == [
    [none, "2024-05-01 10:10:00", none, "28575960"],
    ["2024-05-01 10:00:00", none, none, "10"],
], rows
EOF
