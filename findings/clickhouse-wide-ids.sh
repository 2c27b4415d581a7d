#!/usr/bin/env bash
# chdb 4.4.0 (PyPI; ClickHouse 26.9): whole numbers that a column cannot hold wrap around as they are read.
# 4294967297 into Int32 is 1, and 20 digits into UInt64 are another 19: a new user becomes an old one.
# JSONEachRow and CSV both do it, without an error or a warning.
# One would guess: an error, as for a text that is no number and for -1 into an unsigned column.
# Seen: Int32 4294967297 -> 1; UInt64 99999999999999999999 -> 7766279631452241919
set -euo pipefail
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
python3 -m venv "$dir/venv"
"$dir/venv/bin/pip" install -qq --disable-pip-version-check chdb==4.4.0 chdb-core==26.9.0
cd "$dir" && venv/bin/python - <<'EOF'
import chdb

seen = {}
for kind, user in (("Int32", 4294967297), ("UInt64", 99999999999999999999)):
    for form, text in (("JSONEachRow", f'{{"user": {user}}}'), ("CSV", str(user))):
        query = f"SELECT user FROM format({form}, 'user {kind}', '{text}')"
        seen[form, kind] = int(str(chdb.query(query, "TSV")))
        print(f"{form}, {kind}: {user} -> {seen[form, kind]}")

assert seen == {
    ("JSONEachRow", "Int32"): 1,
    ("CSV", "Int32"): 1,
    ("JSONEachRow", "UInt64"): 7766279631452241919,
    ("CSV", "UInt64"): 7766279631452241919,
}, seen
EOF
