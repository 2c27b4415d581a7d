#!/usr/bin/env bash
# duckdb 2.0.1 (PyPI), and 1.4.2: the country code NO is false.
# read_csv takes a column of which every value is a word for yes or no as BOOLEAN, and "no" is one: a
# file of Norway's events, as folders or exports by country have it, has country false. With one DE
# among them it is text, so two files of one log do not fit together.
# One would guess: only true and false are booleans; a code of two letters is a text.
# Seen: NO, NO -> BOOLEAN [False, False]; NO, DE -> VARCHAR
set -euo pipefail
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
python3 -m venv "$dir/venv"
"$dir/venv/bin/pip" install -qq --disable-pip-version-check duckdb==2.0.1
cd "$dir" && venv/bin/python - <<'EOF'
from pathlib import Path

import duckdb

seen = {}
for countries in ("NO NO", "NO DE"):
    Path("events.csv").write_text("\n".join(["country", *countries.split()]) + "\n")
    events = duckdb.sql("FROM read_csv('events.csv', header = true)")
    seen[countries] = (str(events.types[0]), [country for (country,) in events.fetchall()])
    print(countries, "->", *seen[countries])
assert seen == {"NO NO": ("BOOLEAN", [False, False]), "NO DE": ("VARCHAR", ["NO", "DE"])}, seen
EOF
