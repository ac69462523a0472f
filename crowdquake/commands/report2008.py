"""`replicate-report` and `fear-gauge`: what the 2008 report printed, and the index that it describes."""

from __future__ import annotations

import datetime
from pathlib import Path
from typing import Annotated

import typer

from crowdquake.commands.base import Json, Out, answer, command, day_option, print_json
from crowdquake.commands.hedge import USUAL_READING, ReadingOptions


@command("replicate-report", examples=("crowdquake replicate-report --out outputs/report",))
def replicate_report(
    index: Annotated[Path | None, typer.Option(help="CSV or Parquet of the CSI 300, 2004-12-31 to 2008-03-19.")] = None,
    spot: Annotated[Path | None, typer.Option(help="CSV or Parquet of the fund's NAV over the same days.")] = None,
    history: Annotated[Path | None, typer.Option(help="The index before the first row of --index.")] = None,
    base_nav: Annotated[float | None, typer.Option(help="Fund's NAV on 2007-06-29; default: the report's.")] = None,
    reading: ReadingOptions = USUAL_READING,
    out: Out = None,
    as_json: Json = False,
) -> None:
    """Set every number of the 2008 report beside the engine's, with a verdict; on your series, or a made-up example."""
    from cqkit.errors import raise_faults
    from hedging import load_closes, load_prices
    from hedging import replicate_report as replicate
    from hedging.comparison import base_nav_faults
    from hedging.series.reading import readings

    if index is None and spot is None:
        idle = {"base_nav": base_nav, "history": history}
        left_out = "must be left out without index and spot"
        raise_faults([f"{name} = {value}: {left_out}" for name, value in idle.items() if value is not None])
    raise_faults(base_nav_faults(base_nav))
    read = readings(**reading.said())
    answer(
        lambda _: replicate(
            None if index is None else load_prices(index, read["index"]),
            None if spot is None else load_closes(spot, read["spot"]),
            history=None if history is None else load_prices(history, read["history"]),
            base_nav=base_nav,
        ),
        out=out,
        as_json=as_json,
    )


@command("fear-gauge", examples=("crowdquake fear-gauge quotes.csv",))
def fear_gauge(
    quotes: Annotated[
        list[Path], typer.Argument(help="CSV or Parquet of option quotes, one or many dates; or a file an expiry.")
    ],
    root: Annotated[
        str | None, typer.Option(help="Take options of this root only (SPX, SPXW); default: the one others begin with.")
    ] = None,
    rate: Annotated[
        float | None, typer.Option(help="Interest a year as a ratio (0.05: 5 %), in place of a column rate.")
    ] = None,
    date: Annotated[datetime.date | None, day_option("Date of quotes that do not say it.")] = None,
    expiry: Annotated[
        list[datetime.date] | None, day_option("Expiry of quotes that do not say it; once a file.")
    ] = None,
    spot: Annotated[float | None, typer.Option(help="Index at the time of quotes that do not say it.")] = None,
    column: Annotated[str | None, typer.Option(help="Column of prices, in place of bid and ask.")] = None,
    date_format: Annotated[
        str | None, typer.Option(help="Dates as DD/MM/YYYY, MM/DD/YYYY, YYMMDD, excel-1904 or %d.%m.%Y.")
    ] = None,
    tz: Annotated[
        str | None, typer.Option(help="Exchange's zone, into which stamps are turned: Asia/Shanghai.")
    ] = None,
    decimal: Annotated[str | None, typer.Option(help="Decimal mark, . or , (or point, comma).")] = None,
    as_json: Json = False,
) -> None:
    """Compute the 1993 volatility index from option quotes: eight options, near and next month, at the money."""
    from cqkit.errors import raise_faults
    from crowdquake.console import tell
    from crowdquake.console.fear_gauge import fear_gauge_json
    from hedging import fear_gauge as compute
    from hedging import load_quotes
    from hedging.series.reading import Reading

    reading = Reading(column, date_format, tz, decimal)
    on, ends = None if date is None else str(date), None if expiry is None else list(map(str, expiry))
    read = load_quotes(quotes, root=root, rate=rate, date=on, expiry=ends, spot=spot, reading=reading)
    found = compute(read)
    if found.levels.empty:
        raise_faults(
            [f"{read.attrs['file']}: {day:%Y-%m-%d}: {reason}" for day, reason in found.daily["reason"].items()]
        )
    if as_json:
        print_json(fear_gauge_json(found))
    else:
        tell(found)
