"""What all commands share: the application, `--json`, `--version`."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from cqkit.plain import to_json

app = typer.Typer(
    name="crowdquake",
    help="Crowding-liquidation risk: how forced deleveraging turns into hedge losses and margin calls.",
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)

Json = Annotated[bool, typer.Option("--json", help="Print one JSON object on stdout and nothing else there.")]


@app.callback(invoke_without_command=True)
def _root(
    context: typer.Context,
    version: Annotated[bool, typer.Option("--version", help="Print the version.")] = False,
) -> None:
    if version:
        from crowdquake import __version__

        print(f"crowdquake {__version__}")
        raise typer.Exit
    if context.invoked_subcommand is None:
        print(context.get_help())


def print_json(content: Any) -> None:
    """Print one JSON object."""
    print(to_json(content))
