"""What stands before the time in a line of an access log: who asked, and of which server."""

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from clicksession.log_format.clients import ADDRESS, CLIENTS, IDENT, KNOWN, PREFIX, USER, WORDS
from clicksession.readers.formats.text_lines import Flags
from clicksession.readers.formats.weblogs.cutting import columns_of
from clicksession.readers.formats.weblogs.values import clients, present, unquoted
from clicksession.readers.rows.types import concatenated

__all__ = ["fronts"]

_WHO = rf"(?P<ident>{IDENT}) (?P<remote_user>{USER})$"
# Where identd said something too, several words could be as many fields.
_WORDS = rf"(?P<ident>-) (?P<remote_user>{WORDS})$"
_HOST = r'[^\s,"\[\]:|\\]'
_SERVER = r'(?P<server_name>[^\s,"|\\]+):(?P<server_port>\d{1,5})'
# A server without its port is told from a client by a letter, and by the address that follows.
_BARE_SERVER = rf"(?P<server_name>{_HOST}*[A-Za-z]{_HOST}*)"
_CLIENTS = f"(?P<clients>{CLIENTS})"
_KNOWN = f"(?P<clients>{KNOWN})"
_RESOLVED = rf"(?P<clients>{KNOWN}|{_HOST}*[A-Za-z]{_HOST}*)"

# The first that fits counts. A line that fits none is of another form: an address that stands
# somewhere else must not come out as a user, nor a server as a client.
_FORMS = tuple(
    f"^(?P<prefix>(?:{PREFIX})*){form}"
    for form in (
        f"{_CLIENTS} {_WHO}",
        f"{_CLIENTS} {_WORDS}",
        f"{_SERVER} {_RESOLVED} {_WHO}",
        f"{_SERVER} {_RESOLVED} {_WORDS}",
        f"{_BARE_SERVER} {_KNOWN} {_WHO}",
        f"{_BARE_SERVER} {_KNOWN} {_WORDS}",
    )
)
# Nearly all are of this form, and are cut at their blanks.
_PLAIN = rf"^(?:{ADDRESS}|[0-9A-Za-z.-]+) - (?:-|[A-Za-z][0-9A-Za-z_@.-]*)$"
_OPTIONAL = ("server_name", "server_port", "prefix")


def fronts(texts: pa.Array) -> tuple[Flags, dict[str, pa.Array]]:
    """Return which texts name a client, and what those say, a column for each thing."""
    plain = np.asarray(pc.match_substring_regex(texts, _PLAIN))
    if plain.all():
        address, ident, user = columns_of(pc.split_pattern(texts, " ").flatten(), 3)
        return plain, {
            "address": present(address),
            "ident": present(ident),
            "remote_user": present(user),
        }
    left = np.asarray(texts.is_valid())
    places, tables = [np.zeros(0, dtype=np.int64)], []
    for form in _FORMS:
        if not left.any():
            break
        found = pc.extract_regex(texts.filter(pa.array(left)), form)
        fits = np.asarray(found.is_valid())
        places.append(np.flatnonzero(left)[fits])
        left[places[-1]] = False
        found = found.filter(pa.array(fits))
        names = [field.name for field in found.type]
        tables.append(pa.table(dict(zip(names, found.flatten(), strict=True))))
    place = np.concatenate(places)
    which = np.zeros(len(texts), dtype=bool)
    which[place] = True
    said = concatenated(tables) if tables else pa.table({})
    return which, _columns(said.take(pa.array(np.argsort(place))))


def _columns(said: pa.Table) -> dict[str, pa.Array]:
    if not said.num_rows:
        nothing = pa.array([], pa.string())
        return {"address": nothing, "ident": nothing, "remote_user": nothing}
    found = {name: present(said[name].combine_chunks()) for name in said.column_names}
    user = found["remote_user"]
    columns = {
        **clients(found["clients"].fill_null("-")),
        "ident": found["ident"],
        "remote_user": unquoted(pc.if_else(pc.equal(user, '""'), "-", user)),
    }
    for name in _OPTIONAL:
        if name in found and found[name].null_count < len(found[name]):
            values = pc.utf8_trim_whitespace(found[name])
            columns[name] = values.cast(pa.int64()) if name == "server_port" else values
    return columns
