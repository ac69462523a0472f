"""Mesa agents: views on rows of the market's arrays, and a base for agents written by the user.

An agent owns no state of the market: `fund.equity` reads the array that the compiled bars write. All money is in days
of the whole market's traded value, as in the arrays.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import mesa
import numpy as np

from abm.state import FundKind, FundState, Party
from cqkit.arrays import FloatArray
from cqkit.errors import CrowdquakeError
from hedging import HedgeResult

if TYPE_CHECKING:
    from abm.model import CrowdingModel


class DayFills(NamedTuple):
    """At what prices outside orders were done in a day, and where the futures closed; money a share or index unit."""

    price: FloatArray  # average, (stocks,)
    half_spread: float
    futures_price: float  # average over the day
    futures_before: float  # the close before
    futures_close: float
    futures_half_spread: float
    filled: FloatArray | float = 1.0  # share of each stock's order that could be traded, (stocks,)
    futures_filled: float = 1.0


class MarketAgent(mesa.Agent):
    """An agent of a `CrowdingModel`: a view on one path of the market."""

    model: CrowdingModel

    def remove(self) -> None:
        """Refuse: taking a view away would leave the fund in the market."""
        raise CrowdquakeError(
            f"{type(self).__name__}: a view on the market, which it cannot be taken out of: change the settings instead"
        )


class QuantFund(MarketAgent):
    """One fund of the crowd: row `row` of the fund arrays."""

    def __init__(self, model: CrowdingModel, row: int) -> None:
        super().__init__(model)
        self.row = row

    @property
    def equity(self) -> float:
        """Own funds."""
        return float(self.model.funds.equity[self.model.path, self.row])

    @property
    def book(self) -> float:
        """Book per side, in units worth 1 at the start."""
        return float(self.model.funds.book[self.model.path, self.row])

    @property
    def leverage(self) -> float:
        """Book per side over equity; infinite without equity."""
        return self.book / self.equity if self.equity > 0 else float("inf") if self.book > 0 else 0.0

    @property
    def gross_leverage(self) -> float:
        """Long and short book over equity."""
        return 2 * self.leverage

    @property
    def nav(self) -> float:
        """Equity over starting equity."""
        return self.equity / float(self.model.starting_equity[self.row])

    @property
    def state(self) -> FundState:
        """What the fund is doing."""
        return FundState(int(self.model.funds.cut.state[self.model.path, self.row]))

    @property
    def holdings(self) -> FloatArray:
        """Shares of each stock, shape (stocks,); negative where short."""
        return (
            self.book
            * self.model.funds.exposure[self.model.path, :, self.row]
            @ self.model.market.state.baskets.shares[self.model.path]
        )


class FuturesFund(MarketAgent):
    """One fund long stocks and short index futures: row `row` of the futures funds' arrays."""

    def __init__(self, model: CrowdingModel, row: int) -> None:
        super().__init__(model)
        self.row = row

    @property
    def kind(self) -> FundKind:
        """Whether a broker holds its stocks for it, or it has paid for them."""
        return FundKind.SWAP if self._at("swap") else FundKind.CASH

    @property
    def equity(self) -> float:
        """Own funds: stocks that it has paid for, deposit and reserve, and what is on its way between them."""
        accounts = self.model.futures_crowd.accounts
        on_its_way = 0.0 if accounts is None else float(accounts.transit[self.model.path, self.row])
        return (1 - self._at("swap")) * self.stock_book + self.deposit + self.reserve + on_its_way

    @property
    def nav(self) -> float:
        """Equity per fund unit over that at the start; redemptions leave it as it is."""
        return float(self.model.futures_crowd.unit_value()[self.model.path, self.row])

    @property
    def unit_value(self) -> float:
        """Equity per fund unit over par, which the lines in its contract go by."""
        return self.nav * self._at("start_value")

    @property
    def stock_book(self) -> float:
        """Value of the stocks that it holds or that a broker holds for it."""
        return self._at("held") * self._at("value")

    @property
    def contracts(self) -> float:
        """Futures that it is short, in index units."""
        return self._at("contracts")

    @property
    def hedge_ratio(self) -> float:
        """Futures over stocks, both at today's prices; 0 without stocks."""
        notional = self.contracts * float(self.model.market.state.futures.price[self.model.path])
        return notional / self.stock_book if self.stock_book > 0 else 0.0

    @property
    def deposit(self) -> float:
        """Cash that stands as margin, of futures or of the swap."""
        return self._at("deposit")

    @property
    def reserve(self) -> float:
        """Cash beyond the margin."""
        return self._at("reserve")

    @property
    def margin_call_distance(self) -> float:
        """Loss in cash, as a ratio to its stocks, that brings the next margin call; infinite without stocks."""
        if self.stock_book <= 0:
            return float("inf")
        notional = abs(self.contracts) * float(self.model.market.state.futures.price[self.model.path])
        base = self.stock_book if self.kind is FundKind.SWAP else notional
        return (self.deposit - self._at("floor") * self._at("margin_level") * base) / self.stock_book

    @property
    def state(self) -> FundState:
        """What the fund is doing."""
        return FundState(int(self.model.hedgers.cut.state[self.model.path, self.row]))

    @property
    def holdings(self) -> FloatArray:
        """Shares of each stock, shape (stocks,), a broker's for it included."""
        return (
            self._at("held")
            * self.model.futures_crowd.exposure(self.model.path)[self.row]
            @ self.model.market.state.baskets.shares[self.model.path]
        )

    def _at(self, name: str) -> float:
        return float(getattr(self.model.hedgers, name)[self.model.path, self.row])


class LiquidatingFund(MarketAgent):
    """The fund that sells its book in the crowded positions, come what may."""

    @property
    def book(self) -> float:
        """Book per side that is left."""
        return float(self.model.market.state.liquidator.book[self.model.path])

    @property
    def cash(self) -> float:
        """What its sales have brought so far, net of the spread; negative if a neutral book went at a loss."""
        return float(self.model.market.state.ledger.cash[self.model.path, Party.LIQUIDATOR])


class PrimeBroker(MarketAgent):
    """Watches the crowd and calls margin; limits and headroom are those of long-short funds."""

    @property
    def limits(self) -> FloatArray:
        """Leverage at which each fund is called, shape (funds,)."""
        return self.model.funds.limit[self.model.path].copy()

    @property
    def headroom(self) -> FloatArray:
        """Leverage that each fund has left before a call, as a ratio to its limit, shape (funds,)."""
        leverage = np.array([fund.leverage for fund in self.model.quant_funds])
        return 1 - leverage / self.limits

    @property
    def deleveraging(self) -> int:
        """Funds selling under compulsion."""
        crowds = (self.model.funds, self.model.hedgers)
        return sum(int((crowd.cut.state[self.model.path] == FundState.DELEVERAGING).sum()) for crowd in crowds)


class LiquidityProvider(MarketAgent):
    """All liquidity providers together: the other side of every trade."""

    @property
    def inventory(self) -> FloatArray:
        """What others have bought net since the start, in ADV-days over the makers' capacity, shape (stocks,)."""
        return self.model.market.state.stocks.bought[self.model.path].copy()

    @property
    def holdings(self) -> FloatArray:
        """Shares taken from all others since the start, shape (stocks,)."""
        return self.model.market.state.providers.shares[self.model.path].copy()

    @property
    def pnl(self) -> float:
        """Cash and holdings at market since the start."""
        state = self.model.market.state
        return float(
            state.ledger.cash[self.model.path, Party.PROVIDERS] + self.holdings @ state.stocks.price[self.model.path]
        )


class HedgeDesk(MarketAgent):
    """The user's hedge desk; its accounts are the hedging engine's own."""

    @property
    def accounts(self) -> HedgeResult | None:
        """Records of all closes so far, in money of the market's currency; None without a hedge."""
        return self.model.market.desk_result

    @property
    def hedged_pnl(self) -> float:
        """Profit of both legs so far, as a ratio to the book."""
        accounts = self.accounts
        return 0.0 if accounts is None else float(accounts.hedged_pnl[self.model.path, -1]) / accounts.start_value

    @property
    def margin_calls(self) -> int:
        """Days so far on which the reserve did not meet the need."""
        return 0 if self.accounts is None else int(self.accounts.margin_call_days[self.model.path])


class Trader(MarketAgent):
    """Base of the user's own agents: override `step`, and call `order` or `order_futures` in it.

    Orders of a day are executed evenly over its bars at each bar's fill, together with everybody else's,
    and pay the half-spread. `holdings`, `futures` and `cash` are booked from those fills; a futures position pays its
    gains and losses in cash at each close. What an exchange does not let be traded in the day is not, and lapses.
    """

    def __init__(self, model: CrowdingModel, *args: Any, **kwargs: Any) -> None:
        super().__init__(model, *args, **kwargs)
        self.holdings: FloatArray = np.zeros(model.stocks)
        self.futures = 0.0  # in index units; negative where short
        self.cash = 0.0
        self._ordered: FloatArray = np.zeros(model.stocks)
        self._futures_ordered = 0.0

    def remove(self) -> None:
        """Leave the model; what it holds stays where it is, and is no longer traded."""
        mesa.Agent.remove(self)

    @property
    def equity(self) -> float:
        """Cash and holdings at market; 0 at the start."""
        return self.cash + float(self.holdings @ self.model.prices)

    def order(self, shares: FloatArray) -> None:
        """Buy so many shares of each stock, shape (stocks,), over the coming day; negative sells."""
        wanted = np.broadcast_to(np.asarray(shares, dtype=float), self._ordered.shape)
        self.model.submit(wanted)
        self._ordered = self._ordered + wanted

    def order_futures(self, units: float) -> None:
        """Buy so many index futures, in units of the index, over the coming day; negative sells.

        Raises
        ------
        CrowdquakeError
            Where no futures are traded (`futures.volume` is 0).
        """
        self.model.submit_futures(float(units))
        self._futures_ordered += float(units)

    def settle(self, fills: DayFills) -> None:
        """Book the day: the model calls this after the close."""
        traded, futures = self._ordered * fills.filled, self._futures_ordered * fills.futures_filled
        self.holdings = self.holdings + traded
        self.cash -= float(traded @ fills.price + fills.half_spread * np.abs(traded).sum())
        self.cash += self.futures * (fills.futures_close - fills.futures_before)
        self.cash += futures * (fills.futures_close - fills.futures_price)
        self.cash -= fills.futures_half_spread * abs(futures)
        self.futures += futures
        self._ordered = np.zeros_like(self._ordered)
        self._futures_ordered = 0.0
