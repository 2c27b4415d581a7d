#!/usr/bin/env bash
# fastavro 1.13.1 (PyPI): in a union of double and long, an int is written as a double.
# The first branch that takes the value wins, and a double takes every int; ids from 2**53 on lose
# their last digits, and two users become one. The order long, double keeps them.
# One would guess: an int goes to long, wherever long stands.
# Seen: 9007199254740993 -> 9007199254740992.0 by ["null", "double", "long"]
set -euo pipefail
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
python3 -m venv "$dir/venv"
"$dir/venv/bin/pip" install -qq --disable-pip-version-check fastavro==1.13.1
"$dir/venv/bin/python" - <<'EOF'
import io

import fastavro

users = [9007199254740992, 9007199254740993]


def read_back(union: list[str]) -> list:
    """The users after a way through a file whose user is such a union."""
    schema = {
        "type": "record",
        "name": "event",
        "fields": [{"name": "user", "type": union}],
    }
    file = io.BytesIO()
    fastavro.writer(file, schema, [{"user": user} for user in users])
    file.seek(0)
    return [event["user"] for event in fastavro.reader(file)]


kept = read_back(["null", "long", "double"])
lost = read_back(["null", "double", "long"])
print("long before double:", kept)
print("double before long:", lost)
assert kept == users
assert lost == [9007199254740992.0] * 2 and all(isinstance(user, float) for user in lost), lost
EOF
