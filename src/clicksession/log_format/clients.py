"""How a line of an access log names who asked: addresses, and what may stand around them.

All are regular expressions of RE2, without groups.
"""

__all__ = [
    "ADDRESS",
    "CLIENTS",
    "CLOCK_TIME",
    "IDENT",
    "ISO_TIME",
    "KNOWN",
    "PREFIX",
    "USER",
    "WORDS",
]

_IPV4 = r"\d{1,3}(?:\.\d{1,3}){3}"
# All of its groups, or two colons for those that are left out: a time of day is none.
_HEX = "[0-9A-Fa-f]{1,4}"
_IPV6 = (
    rf"(?:{_HEX}(?::{_HEX}){{7}}"
    rf"|(?:{_HEX}(?::{_HEX}){{0,6}})?::(?:(?:{_HEX}:){{0,6}}(?:{_HEX}|{_IPV4}))?)"
    r"(?:%[0-9A-Za-z._-]+)?"
)
#: An address alone.
ADDRESS = f"(?:{_IPV4}|{_IPV6})"
_IP = rf"(?:{_IPV4}(?::\d{{1,5}})?|{_IPV6}|\[{_IPV6}\](?::\d{{1,5}})?)"

# A host's name, whatever an operator made of it to keep its visitors private, or ``-``.
_NAME = r'[^\s,"\[\]:|\\]+'
_ONE = rf"(?:{_IP}|unix:|{_NAME})"
# What proxies write: the client first, then each proxy but the last.
_LIST = rf"(?:{_IP}|unknown|-)(?:, ?(?:{_IP}|unknown|-))+"

#: An address or a list of addresses, none of which can be taken for the name of a server.
KNOWN = rf"(?:{_IP}|{_LIST})"
#: Whatever may stand where a client is named.
CLIENTS = rf"(?:{_LIST}|{_ONE})"

#: What identd said of the user. With a dot, it could as well be a host.
IDENT = r'(?:-|[^\s",.:\[\]]+)'
# A user's name holds no colon (RFC 7617). All of digits and dots, it could be an address.
_LETTER = r'(?:[^\s":\[\]\\]|\\.)'
_TELLING = r'(?:[^\s":\[\]\\0-9.-]|\\.)'
_WORD = rf"(?:{_LETTER}*{_TELLING}{_LETTER}*|\d+)"
#: The name of a user; servers do not quote it.
USER = rf'(?:-|""|{_WORD})'
#: A name of several words.
WORDS = rf"{_WORD}(?: {_WORD})+"

_DAY = r"\d{4}-\d\d-\d\d"
ISO_TIME = rf"{_DAY}[T ]\d\d:\d\d:\d\d(?:[.,]\d+)?(?:Z|[+-]\d\d:?\d\d)?"
#: ``01/May/2024:10:00:00 +0000``
CLOCK_TIME = r"\d\d/[A-Z][a-z][a-z]/\d{4}:\d\d:\d\d:\d\d [+-]\d{4}"

_TAG = r"[^\s:\[\]]+(?:\[[^\s\]]+\])?: "
_HOST = r"[^\s:\[\]]+ "
#: What containers, syslog and systemd's journal write before a line.
PREFIX = "|".join(
    (
        rf"{ISO_TIME} (?:stdout|stderr) F ",
        rf"(?:<\d{{1,3}}>)?[A-Z][a-z][a-z] [ \d]\d \d\d:\d\d:\d\d {_HOST}{_TAG}",
        rf"(?:<\d{{1,3}}>)?{ISO_TIME} (?:{_HOST})?{_TAG}",
        rf"<\d{{1,3}}>1 {ISO_TIME} \S+ \S+ \S+ \S+ - ",
        rf"{ISO_TIME} ",
        r"\[pod/[^\s\]]+\] ",
        r"[\w.-]+ +\| ",
    )
)
