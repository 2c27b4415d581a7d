"""Adobe Analytics' data feed."""

from collections.abc import Mapping

from clicksession.formats import TSV
from clicksession.schema.exports.export import Export
from clicksession.schema.paths import Join

__all__ = ["EXPORTS"]

# A hit is left out of Adobe's own figures where this is more than 0; it is one unsigned byte.
_EXCLUDED = tuple(map(str, range(1, 256)))
# Rows that were uploaded from elsewhere: sums, and no hits of a visitor.
_UPLOADED = ("5", "7", "8", "9")

EXPORTS: Mapping[str, Export] = {
    "adobe": Export(
        (
            "experienceleague.adobe.com, Data feed contents, Data column reference",
            "experienceleague.adobe.com, Data feed contents, Calculate metrics",
            "experienceleague.adobe.com, Data feed contents, Special characters",
            "experienceleague.adobe.com, Data feeds best practices",
        ),
        "2026-11-29",
        {
            # Files may be sent twice; in rare cases two hits share the two halves of an id.
            "event_id": (
                Join("hitid_high", "hitid_low", "visit_num", "visit_page_num", separator="-"),
                Join("hitid_high", "hitid_low", separator="-"),
            ),
            "user_id": Join("post_visid_high", "post_visid_low", separator="-"),
            "timestamp": "hit_time_gmt",
            # The number of the kind of hit. What happened in it is a list, in post_event_list.
            "event_type": ("post_page_event", "page_event"),
            "keep": ("visit_num", "visit_page_num"),
            # Which columns a feed has, its owner chose.
            "optional": ("event_id", "event_type"),
            "exclude": {"exclude_hit": _EXCLUDED, "hit_source": _UPLOADED},
            "vocabulary": {"page_view": "0"},
            "format": TSV(quote=None, escape="\\"),
        },
        order=("visit_num", "visit_page_num"),
    ),
}
