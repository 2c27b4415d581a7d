"""Groups of commands that say which is near where one is mistyped."""

from typing import Any

import click

from clicksession.errors import did_you_mean

__all__ = ["Commands"]


class Commands(click.Group):
    """A group of commands, or of metrics."""

    def __init__(self, *args: Any, kind: str, **more: Any) -> None:
        super().__init__(*args, **more)
        self._kind = kind

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Return the command that is meant, or say which is near."""
        if not args[0].startswith("-") and self.get_command(ctx, args[0]) is None:
            known = self.list_commands(ctx)
            near = did_you_mean(args[0], known) or f"Known: {', '.join(known)}."
            ctx.fail(f"there is no {self._kind} called {args[0]!r}. {near}")
        return super().resolve_command(ctx, args)
