"""A group of commands, each loaded from its module when it is needed, so that help and version answer at once."""

from __future__ import annotations

from collections.abc import Mapping
from importlib import import_module
from typing import Any

import click


class Verbs(click.Group):
    """`verbs`: name -> the module that holds the command, as an attribute `attribute` (default: the name itself).

    `module:attribute` names the attribute of one verb.
    """

    def __init__(self, *args: Any, verbs: Mapping[str, str], attribute: str = "", word: str = "verb", **kwargs: Any):
        super().__init__(*args, **kwargs)
        self.verbs, self.attribute, self.word = verbs, attribute, word

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(self.verbs)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in self.verbs:
            return None
        module, _, own = self.verbs[cmd_name].partition(":")
        found: click.Command = getattr(import_module(module), own or self.attribute or cmd_name)
        return found

    def invoke(self, ctx: click.Context) -> Any:
        """The command, whose errors name its options and not the arguments of the library."""
        from cereblon.ground.errors import InputError

        try:
            return super().invoke(ctx)
        except InputError as error:
            from cereblon.show.cli.arguments import in_options

            called = self.get_command(ctx, ctx.invoked_subcommand or "")
            raise in_options(error, called.params if called is not None else ()) from None

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        name = args[0]
        if name not in self.verbs and not name.startswith("-"):
            from cereblon.ground.errors import shorten
            from cereblon.ground.vocabulary import nearest

            close = nearest(name, self.verbs)
            hint = f"; did you mean {close}?" if close else f"; the {self.word}s are {', '.join(self.verbs)}"
            raise click.UsageError(f"there is no {self.word} {shorten(name)!r}{hint}", ctx)
        return super().resolve_command(ctx, args)
