r"""The form of a line of an access log, as a web server's configuration says it.

`log_line` makes one regular expression of nginx's ``log_format`` or Apache's ``LogFormat``, with a
group for each thing that the server was told to write.

Examples
--------
>>> line = log_line('$remote_addr [$time_local] "$request" $status')
>>> [field.name for field in line.fields]
['address', 'time', 'request', 'status']
"""

import re
from functools import lru_cache

from clicksession.log_format.apache import apache_pieces
from clicksession.log_format.compiling import LogLine, compiled
from clicksession.log_format.nginx import nginx_pieces
from clicksession.log_format.pieces import FormatError, Variable

__all__ = ["FormatError", "LogLine", "Variable", "log_line"]

_NGINX = re.compile(r"\$(\w+|\{\w+\})")
_APACHE = re.compile(r"%[!<>,\d]*(\{[^}]*\})?\^?[A-Za-z]")


@lru_cache(maxsize=64)
def log_line(text: str) -> LogLine:
    """Return the form of a line that a server's own text says.

    Raises
    ------
    FormatError
        It says none, or one in which things cannot be told apart.
    """
    text = text.strip()
    if re.match(r"(log_format|escape=\w+)\s", text):
        return compiled(*nginx_pieces(text))
    if re.match(r"(LogFormat|CustomLog|TransferLog)\s", text, re.IGNORECASE):
        return compiled(*apache_pieces(text))
    nginx, apache = _NGINX.search(text), _APACHE.search(text)
    if nginx and apache:
        raise FormatError(
            f"it could be nginx's, by {nginx[0]!r}, or Apache's, by {apache[0]!r}",
            "Put nginx's log_format or Apache's LogFormat before it, as in the configuration.",
        )
    if not nginx and not apache:
        raise FormatError("it names nothing that a server writes", "")
    return compiled(*(nginx_pieces(text) if nginx else apache_pieces(text)))
