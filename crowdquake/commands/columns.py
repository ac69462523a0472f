"""`columns`: what a run tells of every day."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from crowdquake.commands.base import Json, command, print_json

if TYPE_CHECKING:
    from abm.columns import Column
    from abm.settings import Settings


@command("columns", examples=("crowdquake columns",))
def columns_command(
    as_json: Json = False,
    markdown: Annotated[bool, typer.Option("--markdown", help="Print a table in Markdown.")] = False,
) -> None:
    """List the daily columns of a run with their units and meanings, and what a scenario needs to have them."""
    from abm.columns import COLUMNS
    from abm.settings import Clock, Settings
    from crowdquake.console.columns import as_markdown, print_columns

    bare = Settings(clock=Clock(start="2007-08-03", days=2, event="2007-08-06"))
    found = {name: _told(column, bare) for name, column in COLUMNS.items()}
    if as_json:
        print_json(found)
    elif markdown:
        print(as_markdown(found))
    else:
        print_columns(found)


def _told(column: Column, bare: Settings) -> dict[str, Any]:
    """A column in plain values; what a market without futures and without credit lacks for it is what it needs."""
    lacking = dict.fromkeys(told for told in (column.missing(bare), column.unknown(bare)) if told)
    return {
        "unit": column.unit,
        "meaning": column.meaning,
        "needs": "; ".join(told.partition(": ")[2] or told for told in lacking),
        "first_day": column.first_day,
    }
