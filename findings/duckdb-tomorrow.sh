#!/usr/bin/env bash
# duckdb 2.0.1 (PyPI): milliseconds are rounded, dates are cut, so one event is of two days.
# epoch_ms(), and a cast to TIMESTAMP_MS or TIMESTAMP_S, round to the next unit; 23:59:59.9996 becomes
# midnight of the next day, while ::DATE and date_trunc say the day before. (In 1.4.2 epoch_ms() cut.)
# One would guess: a coarser unit cuts, as in pandas and Polars and as DuckDB's own ::DATE does.
# Seen: ::DATE 2024-05-01; TIMESTAMP_MS and epoch_ms 2024-05-02 00:00:00
set -euo pipefail
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
python3 -m venv "$dir/venv"
"$dir/venv/bin/pip" install -qq --disable-pip-version-check duckdb==2.0.1
cd "$dir" && venv/bin/python - <<'EOF'
import duckdb

row = duckdb.execute("""
    SELECT seen_at::DATE::VARCHAR, date_trunc('day', seen_at)::DATE::VARCHAR, seen_at::TIMESTAMP_MS::VARCHAR,
           seen_at::TIMESTAMP_S::VARCHAR, make_timestamp(epoch_ms(seen_at) * 1000)::VARCHAR
    FROM (VALUES (TIMESTAMP '2024-05-01 23:59:59.9996')) AS events(seen_at)
""").fetchone()
names = ("::DATE", "date_trunc", "::TIMESTAMP_MS", "::TIMESTAMP_S", "epoch_ms")
seen = dict(zip(names, row, strict=True))
for name, value in seen.items():
    print(f"{name}: {value}")
assert seen["::DATE"] == seen["date_trunc"] == "2024-05-01"
assert {seen[name] for name in names[2:]} == {"2024-05-02 00:00:00"}, seen
EOF
