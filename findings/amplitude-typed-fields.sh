#!/usr/bin/env bash
# amplitude-analytics 1.3.0 (PyPI): a revenue of 89 is not sent, a revenue of 89.0 is.
# The fields for floats take no int, and leave it out of the event: the order is sent without its
# revenue and price. One Decimal or datetime among the event_properties takes all of them away. Each
# leaves a line in the log; track() succeeds.
# One would guess: 89 is 89.0, and a property that cannot be sent is refused or left out alone.
# Seen: {'user_id': 'ann', 'event_type': 'purchase', 'time': 1714557600500}
set -euo pipefail
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
python3 -m venv "$dir/venv"
"$dir/venv/bin/pip" install -qq --disable-pip-version-check amplitude-analytics==1.3.0
"$dir/venv/bin/python" - <<'EOF'
from decimal import Decimal

from amplitude import BaseEvent


def sent(amount: float, tax: object) -> dict:
    """The body of a purchase as it is sent."""
    event = BaseEvent(
        "purchase",
        user_id="ann",
        time=1714557600500,
        price=amount,
        revenue=amount,
        event_properties={"coupon": "MAY", "tax": tax},
    )
    body = event.get_event_body()
    print(f"amount {amount!r}, tax {tax!r}: {body}")
    return body


purchase = {"user_id": "ann", "event_type": "purchase", "time": 1714557600500}
properties = {"coupon": "MAY", "tax": 4.5}
assert sent(89.0, 4.5) == purchase | {"price": 89.0, "revenue": 89.0, "event_properties": properties}
assert sent(89, 4.5) == purchase | {"event_properties": properties}
assert sent(89, Decimal("4.5")) == purchase
EOF
