"""What comes near a line that no reader takes for its own."""

import re

__all__ = ["nearest_form"]

_DAY = r"\d{4}-\d\d-\d\d"
# What a line looks like, and what may read it.
_LIKE = (
    (
        rf"(https?|h2|grpcs?|wss?) {_DAY}T",
        "It begins as a line of a load balancer does: schema=EventSchema.preset('alb').",
    ),
    (
        rf"{_DAY}T\S+Z \S+ [\d.]+:\d+ ",
        "It begins as a line of a classic load balancer does: schema=EventSchema.preset('elb').",
    ),
    (
        r"\S+ \S+ \[\d\d/[A-Z][a-z]{2}/\d{4}:\d\d:\d\d:\d\d [+-]\d{4}\] ",
        "It has the time where S3 has it: schema=EventSchema.preset('s3_access').",
    ),
    (
        r".*\[\d\d/[A-Z][a-z]{2}/\d{4}:\d\d:\d\d:\d\d [+-]\d{4}\]",
        "It has the time of a web server's log: format=formats.Weblog(log_format=…) takes the "
        "line of the server's configuration, and EventSchema.preset('combined') names its fields.",
    ),
    (
        rf"{_DAY}[ \t]\d\d:\d\d:\d\d[ \t]",
        "It begins as a line of a W3C log does, without the lines that name its fields: "
        "schema=EventSchema.preset('w3c') reads one that has them.",
    ),
    (r"[^;]+;[^;]", "It may be a table: format=formats.CSV(delimiter=';')."),
    (r"[^|]+\|[^|]", "It may be a table: format=formats.CSV(delimiter='|')."),
)


def nearest_form(line: bytes) -> str:
    """Return a sentence that names what may read a file whose first line this is, or nothing.

    Examples
    --------
    >>> nearest_form(b"user_id|timestamp")
    "It may be a table: format=formats.CSV(delimiter='|')."
    >>> nearest_form(b"action=view user=7")
    ''
    """
    text = line.decode("utf-8", "replace")
    return next((said for form, said in _LIKE if re.match(form, text)), "")
