#!/usr/bin/env bash
# skrub 0.11.0 with pandas 3.1.1 and polars 2.1.0 (PyPI): SessionEncoder cuts a log of polars other than
# the same log of pandas.
# In a frame of polars the gap is cut to whole seconds before it is compared; in one of pandas it is not.
# One would guess: the same sessions, whatever the frame.
# Seen: gaps of 1800.998 s by a session_gap of 1800: pandas [0, 1, 2], polars [0, 0, 0]
set -euo pipefail
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
python3 -m venv "$dir/venv"
"$dir/venv/bin/pip" install -qq --disable-pip-version-check skrub==0.11.0 pandas==3.1.1 polars==2.1.0
cd "$dir" && venv/bin/python - <<'EOF'
from datetime import datetime

import pandas as pd
import polars as pl
from skrub import SessionEncoder

texts = ["2024-05-01 10:00:00.000", "2024-05-01 10:30:00.998", "2024-05-01 11:00:01.996"]
log = {"user": ["ann"] * 3, "at": [datetime.fromisoformat(text) for text in texts]}
encoder = SessionEncoder("at", split_by="user", session_gap=1800)
seen = {
    "pandas": encoder.fit_transform(pd.DataFrame(log))["at_session_id"].tolist(),
    "polars": encoder.fit_transform(pl.DataFrame(log))["at_session_id"].to_list(),
}
print(seen)
assert seen == {"pandas": [0, 1, 2], "polars": [0, 0, 0]}, seen
EOF
