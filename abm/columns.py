"""Every daily column of a run: its name, unit and meaning, and in which markets there is one.

`crowdquake columns` and the docs are made from these declarations. A user's own column is declared in the same way and
says how it is read off a market at the close:

    columns.declare("widest_gap", "ratio", "largest displacement of any stock", read=lambda market: ...)
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from abm import profit
from abm.settings import Settings
from abm.state import Flow
from cqkit.arrays import FloatArray
from cqkit.registry import Registry

if TYPE_CHECKING:
    from abm.market import Market


@dataclass(frozen=True)
class Column:
    """One figure a path and day.

    Attributes
    ----------
    unit, meaning
        In words.
    missing
        Says why a market under given settings has no such column; "" where it has one.
    unknown
        Says why it is there but never known; "" where it is.
    first_day
        Number of the first day on which it is known; before it is NaN.
    read
        Reads it off a market that has closed, shape (paths,); None for those that the market or its inhabitants write.
    """

    unit: str
    meaning: str
    missing: Callable[[Settings], str] = lambda _: ""
    unknown: Callable[[Settings], str] = lambda _: ""
    first_day: int = 0
    read: Callable[[Market], FloatArray] | None = None

    def why_not(self, settings: Settings) -> str:
        """What a market lacks for this column to be known, in words; "" if nothing."""
        return self.missing(settings) or self.unknown(settings)


class _Columns(Registry[Column]):
    """Columns by name."""

    def parameters(self, name: str) -> dict[str, Any]:
        return {"unit": self[name].unit}

    def about(self, name: str) -> str:
        return self[name].meaning


COLUMNS = _Columns("daily column")


def declare(
    name: str,
    unit: str,
    meaning: str,
    missing: Callable[[Settings], str] = lambda _: "",
    unknown: Callable[[Settings], str] = lambda _: "",
    *,
    first_day: int = 0,
    read: Callable[[Market], FloatArray] | None = None,
) -> Column:
    """Declare a daily column; InputError when the name is taken."""
    column = Column(unit, meaning, missing, unknown, first_day, read)
    COLUMNS.add(name, column, source=read)
    return column


def columns_of(settings: Settings) -> dict[str, Column]:
    """The columns that a market has under these settings, in the order in which they are told."""
    return {name: column for name, column in COLUMNS.items() if not column.missing(settings)}


def flow_column(flow: Flow) -> str:
    """Name of the column of a flow."""
    return f"flow_{flow.name.lower()}"


def decile_column(decile: int) -> str:
    """Name of the contrarian portfolio's column within a decile of capitalisation, 1 (the smallest stocks) to 10."""
    return f"khandani_lo_d{decile}"


def _no_deciles(settings: Settings) -> str:
    told = 'this run has spread trades, which have no size: market.instruments must be "stocks"'
    return "" if settings.market.instruments == "stocks" else told


def _no_futures(settings: Settings) -> str:
    return "" if settings.has_futures else "this run has no futures market: futures.volume must be above 0"


def _no_futures_funds(settings: Settings) -> str:
    told = 'this run has no futures funds: some funds must hedge with them, as funds.kind = "futures"'
    return "" if settings.futures_fund_count else told


def _nothing_outside(settings: Settings) -> str:
    told = "this run has no stocks smaller than the index's: market.index_share must be below 1"
    return "" if settings.market.index_share < 1 else told


def _nothing_larger(settings: Settings) -> str:
    told = "this run has no stocks larger than the index's: market.index_skips must be above 0"
    return "" if settings.market.index_skips > 0 else told


def _no_credit(settings: Settings) -> str:
    return "" if settings.has_credit else "needs somebody on credit: large_fund.book must be above 0"


def _no_locks(settings: Settings) -> str:
    told = "in this run stocks trade at any time and price: market.price_limit or [[halt]] must be set"
    return "" if settings.has_stock_rules else told


def _no_buyers(settings: Settings) -> str:
    told = (
        "nobody from outside buys futures in this run: [[futures_demand]] must be set, or futures.diverted with price "
        "limits or halts of stocks"
    )
    return "" if settings.has_futures_buyers else told


def _no_accounts(settings: Settings) -> str:
    told = (
        "this run has no deadlines of calls: futures_funds.top_up_days, transfer_days or broker_closes must be set, "
        "and there must be futures"
    )
    return "" if settings.has_late_cash else told


RATIO, MONEY = "ratio", "days of the market's value"
DECILES = 10

declare("khandani_lo", RATIO, "contrarian portfolio's return, a measurement of size zero", first_day=1)
for _decile in range(1, DECILES + 1):
    declare(
        decile_column(_decile),
        RATIO,
        f"the same within capitalisation decile {_decile} (1: the smallest stocks); none of fewer than two stocks",
        _no_deciles,
        first_day=1,
    )
declare("crowded_book", "money a unit", "change of value of a unit of the crowded book")
declare("index", RATIO, "simple return of the index")
declare("volatility_index", "points, annualised %", "volatility index, a model's")
declare("mispricing", "money a unit", "a unit of the crowded book against what it would be worth without impact")
declare("crowd_leverage", RATIO, "the crowd's book per side over its equity; none without equity")
_OF_EQUITY = "ratio to the crowd's starting equity"
declare(
    "crowd_profit",
    _OF_EQUITY,
    "P&L of all the crowd's funds since the start, with what their lenders lose of it",
    read=profit.crowd_profit,
)
declare(
    "lenders_loss", _OF_EQUITY, "what the crowd's lenders have lost on it since the start", read=profit.lenders_loss
)

declare("basis", RATIO, "futures over index, less 1", _no_futures)
declare(
    "small_caps",
    RATIO,
    "simple return of all stocks smaller than the index's, by capitalisation",
    _no_futures,
    _nothing_outside,
)
declare(
    "large_caps",
    RATIO,
    "simple return of all stocks larger than the index's, by capitalisation",
    _no_futures,
    _nothing_larger,
)
declare("common_stocks", RATIO, "simple return of the small stocks that the crowd holds in common", _no_futures)
_OF_BOOKS = "ratio to the futures funds' starting stock book"
declare(
    "crowd_stock_gain",
    _OF_BOOKS,
    "futures funds' gain on stocks, after spread and financing",
    _no_futures,
    _no_futures_funds,
)
declare("crowd_futures_gain", _OF_BOOKS, "futures funds' gain on futures", _no_futures, _no_futures_funds)
declare("crowd_hedge", RATIO, "futures funds' futures over their stocks", _no_futures, _no_futures_funds)
declare("crowd_reserve", RATIO, "futures funds' cash beyond margins over their stocks", _no_futures, _no_futures_funds)
declare("margin_level", RATIO, "what the exchange's margin is multiplied by", _no_futures)

declare(
    "locked_share",
    "share of capitalisation",
    "stocks halted or at a price limit, the day's mean, by capitalisation",
    _no_locks,
)
declare("unfilled_purchases", MONEY, "purchases of stocks that limits and halts kept out in the day", _no_locks)
declare("diverted", MONEY, "futures bought in the day with purchases of stocks that were kept out", _no_buyers)
declare("outside_futures", MONEY, "futures held by outsiders who want the index, diverted money included", _no_buyers)

declare("unmet_calls", "funds", "futures funds whose call was not met by its deadline", _no_accounts)
declare("unmet_locked", "funds", "those of them whose stocks, or futures against them, were locked", _no_accounts)
declare("unmet_late", "funds", "those of them whose cash was on its way", _no_accounts)
declare("forced_futures", MONEY, "futures bought back under compulsion by futures funds in the day", _no_accounts)
declare(
    "naked_gain",
    _OF_BOOKS,
    "gain on stocks whose futures were closed by force",
    _no_accounts,
    _no_futures_funds,
)
declare("naked_stocks", _OF_BOOKS, "stocks held whose futures were closed by force", _no_accounts, _no_futures_funds)

_FLOWS = {
    Flow.LIQUIDATOR: "bought by the liquidator; negative where it sells",
    Flow.FORCED: "bought by the crowd under compulsion; negative where it sells",
    Flow.REENTRY: "bought back by funds that were cut",
    Flow.REBALANCING: "bought by the crowd of its own accord",
    Flow.INDEX_SECTOR: "index bought by long-biased investors who were stopped out; negative where they sell",
    Flow.ARBITRAGE: "index bought by arbitrageurs against futures sold",
    Flow.OPPORTUNISTS: "bought by opportunists",
    Flow.FUTURES: "futures bought by all but makers and arbitrageurs",
}
for _flow, _told in _FLOWS.items():
    declare(flow_column(_flow), MONEY, _told, _no_futures if _flow in (Flow.ARBITRAGE, Flow.FUTURES) else lambda _: "")

declare("large_fund_equity", MONEY, "the large fund's equity", _no_credit)
declare("large_fund_assets", MONEY, "its book at market", _no_credit)
declare("large_fund_haircut", "ratio to its book", "equity that lenders ask of it", _no_credit)
declare("large_fund_call", MONEY, "equity missing at the close, to be had by selling on the next day", _no_credit)
declare("large_fund_sold", "units", "sold by it in the day", _no_credit)
declare(
    "large_fund_lenders_loss",
    MONEY,
    "what its lender has lost on it since it was closed; a gain is below 0",
    _no_credit,
)
declare("large_fund_long_leg", MONEY, "its profit on the long, illiquid legs", _no_credit)
declare("large_fund_short_leg", MONEY, "its profit on the short, liquid legs", _no_credit)
declare("large_fund_long_call", MONEY, "called on the long legs' margin accounts at the close", _no_credit)
declare("large_fund_short_call", MONEY, "called on the short legs' margin accounts at the close", _no_credit)
declare("crowd_haircut", RATIO, "the crowd's haircuts over those at the start, by equity at the start", _no_credit)
declare("crowd_equity", RATIO, "the crowd's equity over that at the start", _no_credit)
declare("predators_book", RATIO, "predators' book over the large fund's at the start; short below 0", _no_credit)
declare("predators_profit", MONEY, "predators' profit since the start", _no_credit)
declare("makers_capacity", RATIO, "share of market makers' capacity that is left", _no_credit)

declare("margin_calls", "funds", "funds of the crowd that were called")
