"""What the sale of a book costs whom: read off a market in which it is sold, against one in which nobody sells."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from abm import Market, Party, Settings
from cqkit.arrays import FloatArray


class Sold(NamedTuple):
    """What is read off a market in which a book is sold, or held."""

    shortfall: FloatArray  # what the book was worth on the eve less what it brought, over its units, (paths,)
    nav: FloatArray  # the average fund's without new money, from the eve on, (paths, days)
    hedge: FloatArray  # profit of the hedge since the eve, a ratio to its book, (paths, days)


def first_sale(settings: Settings) -> int:
    """Index of the day on which the sale begins."""
    clock = settings.clock
    large = settings.large_fund.book > 0
    starts = settings.large_fund.unwinds if large else settings.liquidator.begins
    if starts is None:
        return clock.event_day
    return int(np.searchsorted(clock.dates, np.datetime64(str(starts), "D")))


def read_sale(market: Market) -> Sold:
    """Read off a market what a sale in it costs."""
    eve = first_sale(market.settings) - 1
    sells = market.settings.large_fund.book > 0 or market.settings.liquidator.size > 0
    shortfall = _shortfall(market, eve) if sells else np.zeros(market.paths)
    return Sold(shortfall, _nav(market, eve), _hedge_profit(market, eve))


def costs_of(sold: Sold, nobody: Sold) -> dict[str, FloatArray]:
    """Costs by path, as ratios: to the book sold, to the crowd's NAV on the eve, to the hedge desk's book."""
    days = sold.nav.shape[1]  # of the run in which nobody sells, as many count
    crowd, calm = _change(sold.nav), _change(nobody.nav[:, :days])
    return {
        "liquidator": sold.shortfall,
        "crowd": calm.min(axis=1) - crowd.min(axis=1),
        "crowd_end": calm[:, -1] - crowd[:, -1],
        "hedge_desk": _deepest(sold.hedge) - _deepest(nobody.hedge[:, :days]),
    }


def _shortfall(market: Market, eve: int) -> FloatArray:
    """What the book was worth on the eve less what it was sold for, over its units on the eve."""
    record, settings = market.record, market.settings
    value = market.state.baskets.shares[:, :1].sum(axis=2) + np.cumsum(record["crowded_book"], axis=1)
    start = value[:, eve]
    if settings.large_fund.book == 0:
        return start - market.state.ledger.cash[:, Party.LIQUIDATOR] / settings.liquidator.size
    units = settings.large_fund.book - np.cumsum(record["large_fund_sold"], axis=1)
    # Cash less debt, its own and, once it is closed, its lender's: moves by sales and by new money.
    kept = record["large_fund_equity"] - record["large_fund_lenders_loss"] - units * value
    rescue = settings.rescue
    comes = rescue.injection > 0 and rescue.receiver == "large_fund"
    late = comes and np.datetime64(str(rescue.date), "D") > settings.clock.dates[eve]
    sold = kept[:, -1] - kept[:, eve] - (rescue.injection if late else 0.0)
    return start - np.divide(sold, units[:, eve], out=start.copy(), where=units[:, eve] > 0)  # nothing left to sell: 0


def _nav(market: Market, eve: int) -> FloatArray:
    """The average fund's NAV without the new money, from the eve on, shape (paths, days)."""
    nav = market.record.nav.mean(axis=2)
    rescue = market.settings.rescue
    if rescue.injection > 0 and rescue.receiver == "funds":
        day = int(np.searchsorted(market.dates, np.datetime64(str(rescue.date), "D")))
        nav[:, day:] -= (rescue.injection / market.starting_equity.sum(axis=1))[:, None]
    return nav[:, eve:]


def _change(nav: FloatArray) -> FloatArray:
    """Change of NAV since the eve, shape (paths, days); starts with 0."""
    before = nav[:, :1]
    return np.concatenate([np.zeros_like(before), nav[:, 1:] / before - 1], axis=1)


def _hedge_profit(market: Market, eve: int) -> FloatArray:
    """Profit of the hedge desk since the eve, over its book, shape (paths, days); 0 until its hedge is on.

    Without such a desk: the cash that a holder of the crowd's book, who sells nothing, has had to pay in on his short,
    liquid legs, over that book.
    """
    result = market.desk_result
    if result is not None:
        days = market.settings.clock.days - eve
        since = result.hedged_pnl[:, -days:]  # closes are counted from the last
        profit = np.zeros((market.paths, days))
        profit[:, days - since.shape[1] :] = (since - since[:, :1]) / result.start_value
        return profit
    change = np.cumsum(market.record["crowded_book"][:, eve + 1 :], axis=1)
    paid_in = market.settings.large_fund.short_leg_share * np.minimum(change, 0)
    return np.concatenate([np.zeros((market.paths, 1)), paid_in], axis=1)


def _deepest(profit: FloatArray) -> FloatArray:
    """Deepest loss, shape (paths,)."""
    return -profit.min(axis=1)
