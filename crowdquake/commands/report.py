"""`report`: the committee's pack, made of results on disk."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from crowdquake.commands.base import command


@command(
    "report",
    examples=(
        "crowdquake report outputs/reserve outputs/quake-2007 -o outputs/pack.html",
        "crowdquake report outputs/this-quarter outputs/last-quarter -o pack.pdf --lang zh",
    ),
)
def report(
    results: Annotated[
        list[Path],
        typer.Argument(metavar="RESULT...", help="Folders that --out wrote; the first of a kind is reported on."),
    ],
    out: Annotated[Path, typer.Option("--out", "-o", metavar="FILE", help="File to write: .html or .pdf.")] = Path(
        "report.html"
    ),
    lang: Annotated[str, typer.Option(help="Language: en or zh.")] = "en",
    limit: Annotated[
        list[str] | None,
        typer.Option(metavar="FIGURE=VALUE", help="The committee's limit, as call_probability=0.05; more than once."),
    ] = None,
    title: Annotated[str, typer.Option(help="Of the pack; default: the first scenario's.")] = "",
    font: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Font with Chinese signs; default: that of the extra zh.")
    ] = None,
) -> None:
    """Make the committee's pack of results: one HTML file, or PDF/A (extra pdf), in English or Chinese (extra zh)."""
    from crowdquake.report import make_pack
    from crowdquake.report.limits import parse_limits
    from crowdquake.report.making import writer_of

    write = writer_of(out)
    document = make_pack(results, lang=lang, limits=parse_limits(limit or []), font=font, title=title)
    print(f"Report: {write(document, out)}")
