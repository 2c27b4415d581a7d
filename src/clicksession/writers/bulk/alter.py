"""``ALTER TABLE …``, which SQLAlchemy leaves to migration tools."""

from typing import Any

from sqlalchemy import Column, Table
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.schema import CreateColumn, ExecutableDDLElement
from sqlalchemy.sql.compiler import DDLCompiler

__all__ = ["AddColumn", "DropColumn", "RenameColumn", "ReplaceColumn"]


class _Alter(ExecutableDDLElement):
    """``ALTER TABLE …``."""

    def __init__(self, table: Table, column: Column[Any]) -> None:
        self.table, self.column = table, column


class AddColumn(_Alter):
    """``ALTER TABLE … ADD COLUMN …``."""


class DropColumn(_Alter):
    """``ALTER TABLE … DROP COLUMN …``."""


class RenameColumn(_Alter):
    """``ALTER TABLE … RENAME COLUMN … TO …``."""

    def __init__(self, table: Table, column: Column[Any], name: str) -> None:
        super().__init__(table, column)
        self.name = name


class ReplaceColumn(_Alter):
    """``ALTER TABLE … DROP COLUMN …, RENAME COLUMN … TO …``, where one statement can be both."""

    def __init__(self, table: Table, old: Column[Any], new: Column[Any]) -> None:
        super().__init__(table, old)
        self.new = new


@compiles(AddColumn)
def _add_column(element: AddColumn, compiler: DDLCompiler, **_: Any) -> str:
    column = compiler.process(CreateColumn(element.column))
    return f"{_altered(element, compiler)} ADD COLUMN {column}"


@compiles(DropColumn)
def _drop_column(element: DropColumn, compiler: DDLCompiler, **_: Any) -> str:
    column = compiler.preparer.format_column(element.column)
    return f"{_altered(element, compiler)} DROP COLUMN {column}"


@compiles(RenameColumn)
def _rename_column(element: RenameColumn, compiler: DDLCompiler, **_: Any) -> str:
    old = compiler.preparer.format_column(element.column)
    new = compiler.preparer.quote_identifier(element.name)
    return f"{_altered(element, compiler)} RENAME COLUMN {old} TO {new}"


@compiles(ReplaceColumn)
def _replace_column(element: ReplaceColumn, compiler: DDLCompiler, **_: Any) -> str:
    old, new = map(compiler.preparer.format_column, (element.column, element.new))
    return f"{_altered(element, compiler)} DROP COLUMN {old}, RENAME COLUMN {new} TO {old}"


def _altered(element: _Alter, compiler: DDLCompiler) -> str:
    return f"ALTER TABLE {compiler.preparer.format_table(element.table)}"
