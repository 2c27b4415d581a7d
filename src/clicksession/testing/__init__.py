"""What a part written elsewhere can be tested with.

A contract is a class of pytest tests. Derive from it, give the fixture that it
asks for, and pytest does the rest:

    class TestMyDatabase(WriterContract):
        @pytest.fixture
        def engine(self):
            return sqlalchemy.create_engine("mydb://…")

`clicksession.testing.conformance` asks anybody's function for the sessions of
known and random logs, and says what it gets right. It needs no pytest.
"""

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from clicksession.testing.dialects import DialectContract as DialectContract
    from clicksession.testing.dialects import RunningDatabase as RunningDatabase
    from clicksession.testing.readers import ReaderContract as ReaderContract
    from clicksession.testing.writers import WriterContract as WriterContract

_HOMES = {
    "DialectContract": "dialects",
    "RunningDatabase": "dialects",
    "ReaderContract": "readers",
    "WriterContract": "writers",
}

__all__ = ["DialectContract", "ReaderContract", "RunningDatabase", "WriterContract"]


def __getattr__(name: str) -> object:
    # A contract brings pytest with it, which only those need who derive from one.
    if name in _HOMES:
        return getattr(import_module(f"clicksession.testing.{_HOMES[name]}"), name)
    raise AttributeError(f"clicksession.testing has no {name!r}")
