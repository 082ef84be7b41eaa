"""skill-fleet completion"""

from __future__ import annotations

import click

SHELLS = ("bash", "zsh", "fish")


@click.command("completion")
@click.argument("shell", type=click.Choice(SHELLS))
@click.pass_context
def completion(context: click.Context, shell: str) -> None:
    """Print the script that completes commands in a shell.

    \b
    bash:  eval "$(skill-fleet completion bash)"    in ~/.bashrc
    zsh:   eval "$(skill-fleet completion zsh)"     in ~/.zshrc
    fish:  skill-fleet completion fish | source     in ~/.config/fish/config.fish
    """
    from click.shell_completion import get_completion_class

    from skill_fleet.cli.main import COMPLETION, NAME

    made = get_completion_class(shell)
    if made is not None:
        click.echo(made(context.find_root().command, {}, NAME, COMPLETION).source())
