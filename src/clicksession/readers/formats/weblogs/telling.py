"""Which access log a file is, by its first line."""

import pyarrow as pa

from clicksession.readers import READERS

__all__ = ["access_log_format"]

_DIRECTIVES = ("#version:", "#fields:", "#software:", "#date:", "#start-date:", "#remark:")


def access_log_format(line: bytes) -> str | None:
    """Return the format of which a first line is, or None where it is of no access log."""
    text = line.decode("utf-8", "replace").rstrip("\r\n")
    if text.lower().startswith(_DIRECTIVES):
        return "w3c"
    for format in ("weblog", "alb", "elb", "s3_access"):
        fits, _ = READERS.find(format)().cut(pa.array([text]))
        if fits[0]:
            return format
    return None
