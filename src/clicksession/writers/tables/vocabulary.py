"""Keep a log's words in its target: metrics go by them from then on."""

from sqlalchemy import delete, insert

from clicksession.schema import EventSchema, Vocabulary, as_vocabulary
from clicksession.sql.vocabulary import vocabulary_in, vocabulary_table
from clicksession.writers.tables.access import Access

__all__ = ["keep_vocabulary"]


def keep_vocabulary(access: Access, given: EventSchema | Vocabulary | None) -> None:
    """Make this the vocabulary of a target; an empty one, or none, leaves what is there."""
    connection, kept = access.connection, vocabulary_table(access.tables)
    vocabulary = as_vocabulary(given or {}, who="SQLWriter")
    if not vocabulary:
        return
    if vocabulary_in(connection, access.tables) == vocabulary:
        return
    named = [(role, each) for role, types in vocabulary.items() for each in types]
    rows = [
        {"role": role, "place": place, "event_type": each}
        for place, (role, each) in enumerate(named)
    ]
    connection.execute(delete(access.made(kept)))
    connection.execute(insert(kept), rows)
