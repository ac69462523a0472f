"""`hedge`: replay hedge policies on the user's own series."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Annotated, Any

import typer

from crowdquake.commands.base import Json, Out, answer, command, day_option, print_json

_SPEC = "Hedge policy, as full or label=partial:gain=betadyn,lock_rule=daily; may be given several times."


@dataclass(frozen=True)
class TermOptions:
    """On what terms the futures are held: `Terms`, as options."""

    contract: Annotated[
        str, typer.Option(help="What is shorted: a name (crowdquake contracts lists them) or a TOML file.")
    ] = "IF-2008-report"
    margin: Annotated[float | None, typer.Option(help="Initial margin, a ratio; default: the contract's.")] = None
    maintenance: Annotated[
        float | None, typer.Option(help="Maintenance margin as a share of the initial; default: the contract's.")
    ] = None
    exchange_margins: Annotated[bool, typer.Option(help="Margin rates as the exchange set them, date by date.")] = False
    hedging_quota: Annotated[bool, typer.Option(help="With exchange margins: the hedgers' rate.")] = False
    execution: Annotated[
        str | None,
        typer.Option(
            help="Trade at the close that decides (close) or the next open (next_open); default: timing waits."
        ),
    ] = None
    cost: Annotated[float, typer.Option(help="Of each trade, a ratio to its notional, 0.0001 is 1 bp.")] = 0.0
    roll_spread: Annotated[
        float | None, typer.Option(help="Paid at each monthly roll, a ratio to the notional; default: no rolls.")
    ] = None
    roll_days_before: Annotated[int, typer.Option(help="Trading days before expiry at which the hedge rolls.")] = 0
    basis: Annotated[float | None, typer.Option(help="Futures less index, as a ratio (-0.01: 1 % discount).")] = None
    futures: Annotated[
        Path | None,
        typer.Option(
            help="Futures closes: one series, a column or row a contract, or a folder with a file a contract."
        ),
    ] = None
    settle: Annotated[bool, typer.Option("--settle", help="Read the futures' settlement prices, not closes.")] = False
    when_exhausted: Annotated[
        str, typer.Option(help="A call beyond --reserve: top_up (outside money) or reduce (both legs are cut).")
    ] = "top_up"
    gains_fund_margin: Annotated[
        bool, typer.Option(help="Futures gains pay for margin, or stand aside as in the 2008 report.")
    ] = True
    round_contracts: Annotated[bool, typer.Option(help="Trade whole contracts.")] = False
    reserve: Annotated[
        float | None, typer.Option(help="Cash behind the futures, a ratio to the book; default: what was needed.")
    ] = None


@dataclass(frozen=True)
class SeriesOptions:
    """What the series do not say themselves: `SeriesTerms`, as options."""

    accept_jumps: Annotated[
        bool, typer.Option(help="Take moves that look like a wrong mark, a change of unit or a split as they are.")
    ] = False
    weekly: Annotated[bool, typer.Option(help="Reckon on rows a week or a month apart.")] = False
    common_dates: Annotated[
        bool, typer.Option(help="Keep dates that index and stock book both have: two calendars.")
    ] = False
    distributions: Annotated[
        Path | None, typer.Option(help="File of what the stock book paid out, money a unit by date.")
    ] = None
    currency: Annotated[str | None, typer.Option(help="Money of the stock book (USD); default: as its file says.")] = (
        None
    )
    exchange_rate: Annotated[
        Path | None, typer.Option(help="File of the contract's money for one of the stock book's, by date.")
    ] = None
    same_currency: Annotated[bool, typer.Option(help="Take the stock book's money for the contract's.")] = False
    gauge_lag: Annotated[
        int | None,
        typer.Option(help="Days after its date on which --gauge is known; default: by its calendar."),
    ] = None


@dataclass(frozen=True)
class ReadingOptions:
    """How the user's files are read, where they do not say: columns, dates, zones, decimal marks."""

    column: Annotated[
        list[str] | None,
        typer.Option(help="Column of prices, or security: Close, MSFT; of one file, spot=Close; several times."),
    ] = None
    date_format: Annotated[
        list[str] | None,
        typer.Option(help="Dates as DD/MM/YYYY, YYMMDD, excel-1904 or %d.%m.%Y; of one file, index=DD/MM/YYYY."),
    ] = None
    tz: Annotated[
        list[str] | None, typer.Option(help="Exchange's zone, into which stamps are turned: Asia/Shanghai.")
    ] = None
    decimal: Annotated[list[str] | None, typer.Option(help="Decimal mark, . or , (or point, comma).")] = None

    def said(self) -> dict[str, Any]:
        """Each as `cq.hedge` takes it."""
        from hedging.series.reading import said_of

        return {name: said_of(name, options) for name, options in vars(self).items()}


USUAL_READING = ReadingOptions()
USUAL_TERMS = TermOptions()
USUAL_SERIES = SeriesOptions()


@command(
    "hedge",
    examples=("crowdquake hedge --index index.csv --spot fund.csv --start 2007-06-29 --end 2008-03-19 --reserve 0.3",),
)
def hedge(
    index: Annotated[Path, typer.Option(help="CSV or Parquet of the index: date and close; open, high, low if known.")],
    start: Annotated[date, day_option("Base close.")],
    end: Annotated[date, day_option("Last day.")],
    spot: Annotated[
        Path | None, typer.Option(help="CSV or Parquet of the stock book: date and close or nav; default: the index.")
    ] = None,
    policy: Annotated[list[str] | None, typer.Option(help=_SPEC)] = None,
    base_nav: Annotated[float | None, typer.Option(help="Stock book's value at the base close.")] = None,
    history: Annotated[Path | None, typer.Option(help="The index before the first row of --index.")] = None,
    gauge: Annotated[Path | None, typer.Option(help="A volatility index, for the contrarian indicator.")] = None,
    book: Annotated[float, typer.Option(help="Stock book at the base close, in money.")] = 23_475_000.0,
    terms: TermOptions = USUAL_TERMS,
    series: SeriesOptions = USUAL_SERIES,
    reading: ReadingOptions = USUAL_READING,
    out: Out = None,
    as_json: Json = False,
) -> None:
    """Replay hedge policies on your own series, side by side: return, reserve needed, margin calls."""
    from hedging import SeriesTerms, Terms
    from hedging import hedge as replay

    answer(
        lambda _: replay(
            index,
            spot,
            policies=policy or ["full"],
            start=start,
            end=end,
            base_nav=base_nav,
            history=history,
            gauge=gauge,
            book=book,
            terms=Terms(**vars(terms)),
            said=SeriesTerms(**vars(series), **reading.said()),
        ),
        out=out,
        as_json=as_json,
    )


@command(
    "contracts",
    examples=(
        "crowdquake contracts",
        "crowdquake contracts IF",
    ),
)
def contracts_command(
    name: Annotated[str | None, typer.Argument(help="A contract, to see its terms by date.")] = None,
    example: Annotated[bool, typer.Option("--example", help="Print a contract file to copy.")] = False,
    as_json: Json = False,
) -> None:
    """List the futures contracts, or one contract's terms with their sources and how sure they are."""
    from cqkit.errors import InputError
    from crowdquake.console.contracts import contract_json, print_contract, print_contracts
    from hedging import contract, contract_names, example_contract

    if example and (name is not None or as_json):
        raise InputError("example: must be given alone: it prints a TOML file")
    if example:
        print(example_contract())
        return
    found = [contract(known) for known in (contract_names() if name is None else [name])]
    if as_json:
        print_json({item.name: contract_json(item) for item in found})
    elif name is None:
        print_contracts(found)
    else:
        print_contract(found[0])
