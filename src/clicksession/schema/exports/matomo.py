"""The visits of Matomo's reporting interface."""

from collections.abc import Mapping

from clicksession.schema.exports.export import Export
from clicksession.schema.paths import Join, Local

__all__ = ["EXPORTS"]

_ACTION = "actionDetails"

EXPORTS: Mapping[str, Export] = {
    "matomo": Export(
        (
            "developer.matomo.org/api-reference/reporting-api, Live.getLastVisitsDetails",
            "github.com/matomo-org/matomo, plugins/Actions/VisitorDetails.php",
            "github.com/matomo-org/matomo, plugins/Live/VisitorDetails.php",
            "github.com/matomo-org/matomo/issues/22720",
        ),
        "2026-11-29",
        {
            # An action has a number in Matomo's log. An order and a conversion have none there;
            # what else is said of their visit changes as long as the visit goes on.
            "event_id": (
                f"{_ACTION}.pageId",
                Join("idSite", f"{_ACTION}.type", f"{_ACTION}.orderId", separator="|"),
                Join(
                    "idVisit",
                    f"{_ACTION}.type",
                    f"{_ACTION}.goalId",
                    f"{_ACTION}.timestamp",
                    separator="|",
                ),
            ),
            "user_id": ("userId", "visitorId"),
            # What an action's clock showed is the site's; only the visit's own times are instants.
            "timestamp": Local(
                f"{_ACTION}.timestamp", first="firstActionTimestamp", last="lastActionTimestamp"
            ),
            "event_type": f"{_ACTION}.type",
            "keep": (
                "userId",
                "visitorId",
                "idSite",
                "idVisit",
                f"{_ACTION}.pageId",
                f"{_ACTION}.orderId",
                f"{_ACTION}.goalId",
            ),
            "events": _ACTION,
            "vocabulary": {"page_view": "action", "order": "ecommerceOrder", "search": "search"},
            "format": "json",
        },
        order=(f"{_ACTION}.pageId",),
    ),
}
