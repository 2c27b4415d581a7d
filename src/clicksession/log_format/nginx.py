r"""nginx's ``log_format``.

https://nginx.org/en/docs/http/ngx_http_log_module.html, read in 2026. By default, nginx writes
``\x22`` for a quote, ``\x5C`` for a backslash, and as much for each byte that is no printable
ASCII. A variable without a value is ``-``, or nothing with ``escape=json``.
"""

import re

from clicksession.log_format.clients import CLOCK_TIME
from clicksession.log_format.pieces import Piece, Variable

__all__ = ["nginx_pieces"]

_DIRECTIVE = re.compile(
    r"(?:log_format\s+\S+\s+(?:escape=(\w+)\s+)?|escape=(\w+)\s+)(.*?);?\s*", re.DOTALL
)
_SINGLE, _DOUBLE = r"'((?:[^'\\]|\\.)*)'", r'"((?:[^"\\]|\\.)*)"'
_WORD = re.compile(rf"\s*(?:{_SINGLE}|{_DOUBLE}|(\S+))", re.DOTALL)
_STRINGS = re.compile(rf"(?:{_SINGLE}\s*)+;?|{_DOUBLE}\s*;?", re.DOTALL)
_ESCAPE = re.compile(r"""\\(["'\\tnr])""")
_LETTERS = {"t": "\t", "n": "\n", "r": "\r"}
_VARIABLE = re.compile(r"\$(?:(\w+)|\{(\w+)\})")

_NAMES = {
    "remote_addr": "address",
    "remote_port": "port",
    "body_bytes_sent": "bytes",
    "http_referer": "referer",
    "http_user_agent": "agent",
    "request_method": "method",
    "request_uri": "path",
    "server_protocol": "protocol",
}
_CLIENTS = {"remote_addr", "realip_remote_addr", "http_x_forwarded_for", "http_x_real_ip"}
_CLIENTS |= {"proxy_add_x_forwarded_for", "http_cf_connecting_ip", "http_true_client_ip"}
_WHOLE = {"body_bytes_sent", "bytes_sent", "request_length", "connection", "connection_requests"}
_WHOLE |= {"remote_port", "server_port", "pid"}
_DECIMAL = {"request_time", "connection_time", "msec"}
_WORDS = {"http_user_agent", "http_cookie", "request_body", "ssl_client_s_dn", "ssl_client_i_dn"}
_TIMES = {
    "time_local": ("clock", CLOCK_TIME),
    "time_iso8601": ("iso", r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:Z|[+-]\d\d:\d\d)"),
}


def nginx_pieces(text: str) -> tuple[list[Piece], str]:
    """Return what a format of nginx is made of, and how it escapes."""
    escape = "default"
    if found := _DIRECTIVE.fullmatch(text):
        escape, text = found[1] or found[2] or escape, _joined(found[3])
    elif _STRINGS.fullmatch(text):
        text = _joined(text.removesuffix(";"))
    else:
        # Without its quotes, of which nginx needs none where nothing ends a word.
        text = _unescaped(re.sub(r"\s*\n\s*", " ", text))
    pieces: list[Piece] = []
    place, times = 0, "msec" if "$time_" not in text else ""
    for found in _VARIABLE.finditer(text):
        pieces += [text[place : found.start()], _variable(found[1] or found[2], found[0], times)]
        place = found.end()
    return [*pieces, text[place:]], escape


def _joined(strings: str) -> str:
    """Return the strings of a configuration as the one text that nginx makes of them."""
    words = (found[1] or found[2] or found[3] or "" for found in _WORD.finditer(strings))
    return "".join(map(_unescaped, words))


def _unescaped(text: str) -> str:
    return _ESCAPE.sub(lambda found: _LETTERS.get(found[1], found[1]), text)


def _variable(name: str, spelled: str, time: str) -> Variable:
    column = _NAMES.get(name, name)
    if name in _TIMES:
        part, pattern = _TIMES[name]
        return Variable("time", spelled, "time", pattern, fixed=True, part=part)
    if name == time:
        return Variable("time", spelled, "time", r"\d+\.\d{3}", part="epoch")
    if name in _CLIENTS:
        return Variable(column, spelled, "clients")
    if name == "status":
        return Variable(column, spelled, "whole", r"\d{3}", fixed=True)
    if name in _WHOLE:
        return Variable(column, spelled, "whole", r"\d{1,18}")
    if name in _DECIMAL:
        return Variable(column, spelled, "decimal", r"\d{1,15}(?:\.\d+)?")
    if name in ("request", "remote_user"):
        return Variable(column, spelled, "request" if name == "request" else "user")
    if name.startswith("upstream_") and not name.startswith("upstream_http_"):
        return Variable(column, spelled, "list")
    begins = "/" if name in ("request_uri", "uri", "document_uri") else ""
    if name == "is_args":
        return Variable(column, spelled, pattern=r"\??", fixed=True, begins="?")
    return Variable(column, spelled, "words" if name in _WORDS else "text", begins=begins)
