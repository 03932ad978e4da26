"""Shell completion."""

from __future__ import annotations

import click

WHERE = {
    "bash": 'add to ~/.bashrc:   eval "$(cereblon completion bash)"',
    "zsh": 'add to ~/.zshrc:    eval "$(cereblon completion zsh)"',
    "fish": "run once:           cereblon completion fish > ~/.config/fish/completions/cereblon.fish",
}


@click.command(short_help="completion for bash, zsh or fish")
@click.argument("shell", type=click.Choice(list(WHERE)))
def completion(shell: str) -> None:
    """Print the completion script of a SHELL (bash, zsh or fish).

    \b
    bash   add to ~/.bashrc:   eval "$(cereblon completion bash)"
    zsh    add to ~/.zshrc:    eval "$(cereblon completion zsh)"
    fish   run once:           cereblon completion fish > ~/.config/fish/completions/cereblon.fish
    """
    from click.shell_completion import get_completion_class

    from cereblon.show.cli import command

    kind = get_completion_class(shell)
    assert kind is not None
    click.echo(kind(command, {}, "cereblon", "_CEREBLON_COMPLETE").source())
