"""What fields are called that hold a user, a time, an id or a type, the likeliest first."""

import re
from collections.abc import Mapping

__all__ = ["NAMES", "plain_name", "rank_of"]

#: Names of the last part of a path, in small letters with underscores.
NAMES: Mapping[str, tuple[str, ...]] = {
    "event_id": (
        "event_id",
        "event_uuid",
        "message_id",
        "insert_id",
        "hit_id",
        "request_id",
        "row_id",
        "uuid",
        "id",
    ),
    "user_id": (
        "user_id",
        "userid",
        "customer_id",
        "visitor_id",
        "account_id",
        "member_id",
        "client_id",
        "person_id",
        "profile_id",
        "distinct_id",
        "user_pseudo_id",
        "anonymous_id",
        "device_id",
        "cookie_id",
        "browser_id",
        "uid",
        "user",
        "customer",
        "visitor",
        "visitorid",
        "customerid",
        "email",
        "user_uuid",
        "uuid",
    ),
    "timestamp": (
        "timestamp",
        "event_timestamp",
        "event_time",
        "occurred_at",
        "event_at",
        "ts",
        "time",
        "datetime",
        "date_time",
        "created_at",
        "sent_at",
        "received_at",
        "at",
        "time_stamp",
        "event_date",
        "date",
    ),
    "event_type": (
        "event_type",
        "event_name",
        "event",
        "type",
        "action",
        "event_action",
        "activity",
        "kind",
        "name",
    ),
}


def plain_name(path: str) -> str:
    """Return the last part of a path in small letters with underscores.

    Examples
    --------
    >>> plain_name("event.customer-id"), plain_name("customerId"), plain_name("User ID")
    ('customer_id', 'customer_id', 'user_id')
    """
    last = path.rpartition(".")[2]
    parted = re.sub(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", "_", last)
    return re.sub(r"[^a-z0-9]+", "_", parted.lower()).strip("_")


def rank_of(path: str, column: str) -> int | None:
    """Return how likely a path's name is that of a column, 0 the likeliest; None: it is not.

    Examples
    --------
    >>> rank_of("userId", "user_id"), rank_of("event.ts", "timestamp"), rank_of("page", "user_id")
    (0, 5, None)
    """
    name = plain_name(path)
    return NAMES[column].index(name) if name in NAMES[column] else None
