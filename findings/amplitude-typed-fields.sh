#!/usr/bin/env bash
# amplitude-analytics 1.3.0 (PyPI): a field of another type than expected is left out of the event.
# A revenue of 89 (an int) is not sent, 89.0 is; a user_id 1234 or a time with a fraction is not sent
# either, so the event gets the device as its user and the present as its time. One Decimal among the
# event_properties takes all of them away. Each leaves a line in the log; track() succeeds.
# One would guess: 89 is 89.0, and an odd property is refused or becomes text, alone.
# Seen: {'device_id': 'd1', 'event_type': 'purchase'}
set -euo pipefail
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
python3 -m venv "$dir/venv"
"$dir/venv/bin/pip" install -qq --disable-pip-version-check amplitude-analytics==1.3.0
"$dir/venv/bin/python" - <<'EOF'
from decimal import Decimal

from amplitude import BaseEvent

kept = BaseEvent(
    "purchase",
    device_id="d1",
    user_id="1234",
    time=1714557600500,
    revenue=89.0,
    event_properties={"coupon": "MAY", "tax": 4.5},
).get_event_body()
lost = BaseEvent(
    "purchase",
    device_id="d1",
    user_id=1234,
    time=1714557600500.0,
    revenue=89,
    event_properties={"coupon": "MAY", "tax": Decimal("4.5")},
).get_event_body()

print("sent with the types it wants:", kept)
print("sent with their neighbours:  ", lost)
assert kept["revenue"] == 89.0 and kept["event_properties"] == {"coupon": "MAY", "tax": 4.5}
assert lost == {"device_id": "d1", "event_type": "purchase"}, lost
EOF
