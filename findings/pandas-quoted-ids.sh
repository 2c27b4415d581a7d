#!/usr/bin/env bash
# pandas 3.1.1 (PyPI): read_json makes numbers of texts in quotes.
# A column whose texts all read as numbers becomes int64 or, with one null, float64: "007" and "7" are
# one user, and so are "9007199254740992" and "9007199254740993". "12e5" is 1200000. One id with a
# letter in the file keeps all as they are, so two days of a log differ. dtype=False keeps them.
# One would guess: JSON says which values are texts, and they stay texts.
# Seen: ['007', '7'] -> [7, 7]; [.., null] -> [9007199254740992.0, 9007199254740992.0, nan]
set -euo pipefail
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
python3 -m venv "$dir/venv"
"$dir/venv/bin/pip" install -qq --disable-pip-version-check pandas==3.1.1
"$dir/venv/bin/python" - <<'EOF'
import io
import json

import pandas as pd


def read(users: list[str | None]) -> list:
    """The users as read_json gives them back."""
    lines = "\n".join(json.dumps({"user": user}) for user in users)
    back = pd.read_json(io.StringIO(lines), lines=True)["user"].tolist()
    print(users, "->", back)
    return back


assert read(["007", "7"]) == [7, 7]
big = read(["9007199254740992", "9007199254740993", None])
assert big[0] == big[1] == 9007199254740992.0
assert read(["12e5", "1200000"]) == [1200000.0, 1200000.0]
assert read(["007", "7", "x1"]) == ["007", "7", "x1"]
EOF
