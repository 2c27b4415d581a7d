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
    from clicksession.testing.writers import WriterContract as WriterContract

__all__ = ["WriterContract"]


def __getattr__(name: str) -> object:
    # A contract brings pytest with it, which only those need who derive from one.
    if name in __all__:
        return getattr(import_module("clicksession.testing.writers"), name)
    raise AttributeError(f"clicksession.testing has no {name!r}")
