#!/usr/bin/env bash
# retentioneering 5.2.4 with pandas 3.1.1 (PyPI): an event without a time is in its user's last session.
# split_sessions() puts NaT behind the user's last event, and no gap lies before it: the event counts there,
# and an order whose time was lost converts a visit that had none. An event without a user is refused.
# One would guess: an error, as for the user; or no session.
# Seen: bob's order without a time, and visits at 10:00 and 10:50: the order is in bob_2
set -euo pipefail
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
python3 -m venv "$dir/venv"
"$dir/venv/bin/pip" install -qq --disable-pip-version-check retentioneering==5.2.4 pandas==3.1.1
cd "$dir" && RETENTIONEERING_NO_TRACK=1 HOME="$dir" venv/bin/python - <<'EOF'
import pandas as pd
from retentioneering.eventstream import Eventstream

log = pd.DataFrame(
    {
        "user_id": "bob",
        "event": ["view", "order", "view"],
        "timestamp": pd.to_datetime(["2024-05-01 10:00", None, "2024-05-01 10:50"]),
    }
)
found = Eventstream(log).split_sessions(timeout="30m").to_dataframe()
seen = found.sort_values("session_id")[["event", "session_id"]].values.tolist()
print(found[["event", "timestamp", "session_id"]].to_string(index=False))
assert sorted(seen) == [["order", "bob_2"], ["view", "bob_1"], ["view", "bob_2"]], seen
EOF
