"""Contracts that a part written elsewhere can run against itself.

A contract is a class of pytest tests. Derive from it, give the fixture that it
asks for, and pytest does the rest:

    class TestMyDatabase(WriterContract):
        @pytest.fixture
        def engine(self):
            return sqlalchemy.create_engine("mydb://…")
"""

from clicksession.testing.readers import ReaderContract
from clicksession.testing.writers import WriterContract

__all__ = ["ReaderContract", "WriterContract"]
