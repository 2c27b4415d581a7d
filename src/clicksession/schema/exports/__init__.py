"""What known exports look like: a schema for each, and the pages that say so.

Where an export names both a person and a device, the person comes first and the device, which is
always there, second; the device stays a column of its own, so that nothing is lost. Where a vendor
has an identity of its own that spans both, that one is the user.

What tells one event from another is what the vendor itself goes by. Roles of a vocabulary name
event types that the vendor documents, and no others: what a shop called its own events, a preset
cannot know.
"""

from collections.abc import Mapping

from clicksession.schema.exports import product, routing, shops, web
from clicksession.schema.exports.export import Export

__all__ = ["EXPORTS", "HINTS", "WITHOUT_EVENTS", "Export"]

EXPORTS: Mapping[str, Export] = {
    **product.EXPORTS,
    **routing.EXPORTS,
    **shops.EXPORTS,
    **web.EXPORTS,
}

#: Exports that cannot be read, and why.
WITHOUT_EVENTS: Mapping[str, str] = {
    "plausible": "Plausible exports totals per day and no events. Of one's own server, the table "
    'events_v2 is read by EventSchema(user_id="user_id", timestamp="timestamp", '
    'event_type="name").',
}

#: What to say of names that are no preset's.
HINTS: Mapping[str, str] = {
    **WITHOUT_EVENTS,
    "apache": "Apache's access logs are 'combined', with a log_format of one's own too.",
    "nginx": "nginx's access logs are 'combined', with a log_format of one's own too.",
    "iis": "IIS's logs are 'w3c'.",
    "google_analytics": "Google Analytics' exports are 'ga4' and 'universal_analytics'.",
}
