"""The schemas of known exports and logs, as the arguments of an `EventSchema`."""

from typing import Any

from clicksession.schema.exports import EXPORTS

__all__ = ["PRESETS"]

PRESETS: dict[str, dict[str, Any]] = {
    **{name: {**export.schema, "order": export.order} for name, export in EXPORTS.items()},
    "combined": {
        "user_id": "visitor",
        "timestamp": "time",
        "format": "weblog",
    },
}

# Access logs know no person: their readers make a visitor of the address and the agent. The id of
# a request is not one of an event where one request has several lines (S3), or the client says it
# (ALB).
_ACCESS_LOG = {"user_id": "visitor", "timestamp": "time"}
PRESETS |= {
    "alb": {**_ACCESS_LOG, "format": "alb"},
    "cloudfront": {**_ACCESS_LOG, "event_id": "x-edge-request-id", "format": "w3c"},
    "elb": {**_ACCESS_LOG, "format": "elb"},
    "s3_access": {**_ACCESS_LOG, "format": "s3_access"},
    "w3c": {**_ACCESS_LOG, "format": "w3c"},
}
