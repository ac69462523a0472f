"""A hedge replayed on the user's own series."""

from __future__ import annotations

import numpy as np
from matplotlib.figure import Figure

from crowdquake.charts import style
from crowdquake.replays import Comparison


def replay_chart(comparison: Comparison) -> Figure:
    """Index and stock book, the hedged P&L, and what the futures need against the reserve, by policy."""
    figure, (prices, pnl, need) = style.new_figure(rows=3)
    figure.set_size_inches(11, 9.4)
    joined = comparison.series
    prices.plot(
        joined.dates, 100 * joined.index / joined.index[0], color=style.HISTORY, lw=1.6, label=comparison.index_name
    )
    if comparison.spot_name:
        prices.plot(joined.dates, 100 * joined.spot, color=style.SECTOR, lw=1.6, ls="--", label=comparison.spot_name)
    prices.set_ylabel("Start = 100")
    prices.legend(loc="upper left", fontsize=10.5)
    for (name, result), colour in zip(comparison.results.items(), _colours(), strict=False):
        pnl.plot(joined.dates, 100 * result.hedged_pnl[0] / result.start_value, color=colour, lw=1.8, label=name)
        need.plot(joined.dates, 100 * result.capital_need[0] / result.start_value, color=colour, lw=1.8, label=name)
        need.axhline(100 * float(result.funded_reserve[0]), color=colour, lw=1.4, ls=":")
    pnl.axhline(0, color="#333333", lw=1)
    pnl.set_ylabel("P&L of both legs,\n% of the book")
    pnl.legend(loc="upper left", fontsize=10.5)
    need.set_ylabel("Margin and futures losses,\n% of the book")
    foot = [
        f"Series: {comparison.index_name}, {comparison.spot_name or 'no stock book: the index itself'}. "
        f"{joined.dates[0]:%Y-%m-%d} to {joined.dates[-1]:%Y-%m-%d}. Dotted: the reserve. One history: no bands."
    ]
    return style.finish(figure, _finding(comparison), foot)


def _colours() -> list[str]:
    return [style.SIMULATED, style.FORCED, style.REENTRY, style.SECTOR, style.TWIN]


def _finding(comparison: Comparison) -> str:
    name, result = next(iter(comparison.results.items()))
    reserve, earned = float(result.funded_reserve[0]), float(result.total_return[0])
    start = f"Policy {name}: {100 * earned:+.1f} % after a reserve of {100 * reserve:.1f} % of the book"
    if result.reserve is None:
        return f"{start}, which is what the futures turned out to need"
    days = int(np.asarray(result.margin_call_days)[0])
    return f"{start}; margin was called on {days} days" if days else f"{start}; margin was never called"
