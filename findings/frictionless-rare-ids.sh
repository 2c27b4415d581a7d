#!/usr/bin/env bash
# frictionless 5.21.0 (PyPI): extract() turns ids into null, without a word.
# The type of a column is what nine of ten of its first cells are. The others become null in the rows that
# extract() gives: of 95 users with numbers and five guests with texts, the guests are nobody.
# One would guess: a column of text, or an error.
# Seen: 5 of 100 users are None, and no error is raised; validate() says type-error five times
set -euo pipefail
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
python3 -m venv "$dir/venv"
"$dir/venv/bin/pip" install -qq --disable-pip-version-check frictionless==5.21.0
cd "$dir" && venv/bin/python - <<'EOF'
from pathlib import Path

import frictionless

users = [*map(str, range(1, 96)), *(f"guest-{number}" for number in range(5))]
Path("events.csv").write_text("user_id,page\n" + "".join(f"{user},/\n" for user in users))

(rows,) = frictionless.extract("events.csv").values()
nobody = sum(row["user_id"] is None for row in rows)
errors = [error[0] for error in frictionless.validate("events.csv").flatten(["type"])]
print(f"{nobody} of {len(rows)} users are None; the last is {rows[-1]}; validate() says {errors}")
assert (nobody, len(rows)) == (5, 100), nobody
assert errors == ["type-error"] * 5, errors
EOF
