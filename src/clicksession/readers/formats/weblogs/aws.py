"""Access logs of Amazon's load balancers and of S3: fields by their place, some of them in quotes.

Amazon adds fields at the end of a line over the years. A line has all fields of some year; what
follows the last known one is kept as ``rest``. The fields are as documented, looked up in 2026:

- https://docs.aws.amazon.com/elasticloadbalancing/latest/application/load-balancer-access-logs.html
- https://docs.aws.amazon.com/elasticloadbalancing/latest/classic/access-log-collection.html
- https://docs.aws.amazon.com/AmazonS3/latest/userguide/LogFormat.html
"""

from collections.abc import Mapping
from typing import ClassVar

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from clicksession.readers.formats.text_lines import Flags, LineReader, shown
from clicksession.readers.formats.weblogs.cutting import by_place
from clicksession.readers.formats.weblogs.values import (
    clock_time,
    present,
    request_parts,
    unquoted,
    visitors,
)

__all__ = ["AlbReader", "ElbReader", "S3AccessReader"]

# The forms that a field may have, as expressions of RE2.
_WORD = r'[^ "]+'
_TEXT = r'"(?:[^"\\]|\\.)*"'
_RAW = r'(?:"[^"]*"|-)'
_EITHER = rf"(?:{_TEXT}|{_WORD})"
_TIME = r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?Z"
_CLOCK = r"\[\d\d/[A-Z][a-z][a-z]/\d{4}:\d\d:\d\d:\d\d"
_ZONE = r"[+-]\d{4}\]"
_SECONDS = r"(?:-?\d{1,15}(?:\.\d+)?|-)"
_STATUS = r"(?:\d{3}|-)"
_COUNT = r"(?:-?\d{1,18}|-)"
_PORT = r"(?:[0-9A-Fa-f.:\[\]]+:\d{1,5}|-)"

_BALANCED = {
    "elb": _WORD,
    "client": _PORT,
    "target": _PORT,
    "request_processing_time": _SECONDS,
    "target_processing_time": _SECONDS,
    "response_processing_time": _SECONDS,
    "elb_status_code": _STATUS,
    "target_status_code": _STATUS,
    "received_bytes": _COUNT,
    "sent_bytes": _COUNT,
    "request": _TEXT,
}
_TLS = {"ssl_cipher": _WORD, "ssl_protocol": _WORD}


class _PlacedReader(LineReader):
    """Reads a log whose fields are known by their place in a line."""

    fields: ClassVar[Mapping[str, str]]
    """Each field in its order, with its form."""
    least: ClassVar[int]
    """How many fields a line of the first year has."""
    name: ClassVar[str]
    """What to call it."""
    escapes: ClassVar[bool] = True

    def cut(self, lines: pa.Array) -> tuple[Flags, pa.Table]:
        """Return which lines have the fields, and the rows of those."""
        fits = np.asarray(pc.match_substring_regex(lines, _form(self.fields, self.least)))
        some = lines if fits.all() else lines.filter(pa.array(fits))
        values = by_place(some, tuple(self.fields), escapes=self.escapes)
        return fits, pa.table(self.columns(values))

    def detail(self, line: str) -> str:
        """Return that a line is none."""
        return f"it is no line of {self.name}: {shown(line)}"

    def columns(self, values: dict[str, pa.Array]) -> dict[str, pa.Array]:
        """Return the columns of the fields."""
        found = {name: present(texts) for name, texts in values.items()}
        for name, form in self.fields.items():
            if name in found and form in (_SECONDS, _COUNT, _STATUS):
                found[name] = found[name].cast(pa.float64() if form is _SECONDS else pa.int64())
            elif name in found and form in (_TEXT, _EITHER):
                found[name] = unquoted(found[name])
        return found


class _BalancerReader(_PlacedReader):
    """Reads the log of a load balancer: its address has a port, its request a whole URL."""

    def columns(self, values: dict[str, pa.Array]) -> dict[str, pa.Array]:
        """Return the columns of the fields, with who, and what was asked."""
        found = super().columns(values)
        parts = request_parts(found["request"])
        url = parts.pop("path")
        address, port = _split(found.pop("client"))
        return {
            "visitor": visitors(address, found.get("agent")),
            "address": address,
            "port": port,
            **found,
            **parts,
            "url": url,
            "path": pc.replace_substring_regex(url, "^[a-z]+://[^/?]*", ""),
        }


class AlbReader(_BalancerReader):
    """Reads access logs of an Application Load Balancer."""

    name = "an Application Load Balancer"
    least = 18
    fields: ClassVar[Mapping[str, str]] = {
        "type": r"[a-z0-9]+",
        "time": _TIME,
        **_BALANCED,
        "agent": _TEXT,
        **_TLS,
        "target_group_arn": _WORD,
        "trace_id": _TEXT,
        "domain_name": _TEXT,
        "chosen_cert_arn": _TEXT,
        "matched_rule_priority": _COUNT,
        "request_creation_time": f"(?:{_TIME}|-)",
        "actions_executed": _TEXT,
        "redirect_url": _TEXT,
        "error_reason": _TEXT,
        "target_port_list": _EITHER,
        "target_status_code_list": _EITHER,
        "classification": _EITHER,
        "classification_reason": _EITHER,
        "conn_trace_id": _EITHER,
        "transformed_host": _EITHER,
        "transformed_uri": _EITHER,
        "request_transform_status": _EITHER,
    }


class ElbReader(_BalancerReader):
    """Reads access logs of a Classic Load Balancer."""

    name = "a Classic Load Balancer"
    least = 12
    fields: ClassVar[Mapping[str, str]] = {
        "time": _TIME,
        **{name.replace("target", "backend"): form for name, form in _BALANCED.items()},
        "agent": _TEXT,
        **_TLS,
    }


class S3AccessReader(_PlacedReader):
    """Reads server access logs of S3. What stands in quotes there is not escaped."""

    name = "S3's access log"
    least = 18
    escapes = False
    fields: ClassVar[Mapping[str, str]] = {
        "bucket_owner": _WORD,
        "bucket": _WORD,
        "time": _CLOCK,
        "zone": _ZONE,
        "address": _WORD,
        "requester": _WORD,
        "request_id": _WORD,
        "operation": _WORD,
        "key": _WORD,
        "request": _RAW,
        "status": _STATUS,
        "error_code": _WORD,
        "bytes": _COUNT,
        "object_size": _COUNT,
        "total_time": _COUNT,
        "turn_around_time": _COUNT,
        "referer": _RAW,
        "agent": _RAW,
        "version_id": _WORD,
        "host_id": _WORD,
        "signature_version": _WORD,
        "cipher_suite": _WORD,
        "authentication_type": _WORD,
        "host_header": _WORD,
        "tls_version": _WORD,
        "access_point_arn": _WORD,
        "acl_required": _WORD,
        "source_region": _WORD,
    }

    def columns(self, values: dict[str, pa.Array]) -> dict[str, pa.Array]:
        """Return the columns of the fields, with who and when."""
        time = pc.binary_join_element_wise(values.pop("time"), values.pop("zone"), " ")
        found = super().columns(values)
        return {
            "visitor": visitors(found["address"], found["agent"]),
            "time": clock_time(time),
            **found,
            **request_parts(found["request"]),
        }


def _form(fields: Mapping[str, str], least: int) -> str:
    """Return the form of a line: the fields of the first year, then each with all before it."""
    forms = [f" {form}" for form in fields.values()]
    # No quotes beyond the last known field where they are not escaped: a text of the client's
    # that holds a quote could pass for fields.
    more = f"(?: {_EITHER})*" if _TEXT in fields.values() else f"(?: {_WORD})*"
    for form in reversed(forms[least:]):
        more = f"(?:{form}{more})?"
    return f"^{''.join(forms[:least])[1:]}{more} ?$"


def _split(clients: pa.Array) -> tuple[pa.Array, pa.Array]:
    parts = pc.extract_regex(clients, r"^\[?(?P<address>[^\[\]]*?)\]?:(?P<port>\d+)$")
    return pc.struct_field(parts, "address"), pc.struct_field(parts, "port").cast(pa.int64())
