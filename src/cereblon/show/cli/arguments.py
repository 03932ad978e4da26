"""Errors of the library told in the words of the command line: `model="3PL"` of Python is `--model 3PL` here.

The library knows no command line, so it names its own arguments. A command's options bear these names, and so the
one is turned into the other in one place, for all commands.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

import click

from cereblon.ground.errors import InputError

_CALL = re.compile(r"""\bread\w*\((?:path|"[^"]*"),\s*((?:[^()"]|"[^"]*")*)\)""")
_PAIR = re.compile(r"""["']?([\w.]+)["']?\s*:\s*(?:"([^"]*)"|'([^']*)'|([^,"'\s}]+))""")


def in_options(error: InputError, parameters: Iterable[click.Parameter]) -> InputError:
    """The error with arguments named as the options of a command; what is no argument of it stays as it is."""
    options = {str(one.name).lower(): one for one in parameters if isinstance(one, click.Option)}
    for part in ("message", "expected", "example"):
        setattr(error, part, spoken(getattr(error, part), options))
    head, comma, last = error.where.rpartition(", ")
    if last.lower() in options:
        error.where = head + comma + options[last.lower()].opts[-1]
    return error


def spoken(text: str, options: dict[str, click.Option]) -> str:
    """A sentence in which `name=value` is written as the option of that name.

    >>> model = click.Option(["--model"])
    >>> spoken('too few readings; try model="3PL"', {"model": model})
    'too few readings; try --model 3PL'
    >>> spoken('columns={"value": "root length"}', {"columns": click.Option(["--column", "columns"])})
    '--column "value=root length"'
    """
    if "=" not in text or not options:
        return text
    text = _CALL.sub(r"\1", text)
    value = r"""(\{[^{}]*\}|"[^"]*"|'[^']*'|[^\s,;()"']+)"""
    names = "|".join(map(re.escape, options))
    return re.sub(
        rf"(?<![-\w.])({names})={value}", lambda found: _written(options[found[1].lower()], found[2]), text, flags=re.I
    )


def _written(option: click.Option, value: str) -> str:
    """An option with the value that Python's argument has."""
    name = option.opts[-1]
    if value.startswith("{"):
        pairs = [(key, a or b or c) for key, a, b, c in _PAIR.findall(value)]
        return " ".join(f"{name} {_quoted(f'{key}={text}')}" for key, text in pairs) or name
    plain = value.strip("\"'")
    if option.is_flag:
        other = option.secondary_opts[-1] if option.secondary_opts else f"no {name}"
        return name if plain == "True" else other if plain in ("False", "None") else f"{name}={plain}"
    return f"{name} {_quoted(plain)}"


def _quoted(text: str) -> str:
    return f'"{text}"' if re.search(r"[\s;|&<>*()]", text) else text
