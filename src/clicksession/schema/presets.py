"""The schemas of known exports and logs, as the arguments of an `EventSchema`."""

from typing import Any

from clicksession.schema.exports import EXPORTS

__all__ = ["PRESETS"]

PRESETS: dict[str, dict[str, Any]] = {
    **{name: dict(export.schema) for name, export in EXPORTS.items()},
    "combined": {
        "user_id": "visitor",
        "timestamp": "time",
        "format": "weblog",
    },
}
