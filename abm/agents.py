"""Mesa agents: views on rows of the market's arrays, and a base for agents written by the user.

An agent owns no state of the market: `fund.equity` reads the array that the compiled bars write. All money is in days
of the whole market's traded value, as in the arrays.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import mesa
import numpy as np

from abm.state import FundKind, FundState, Party
from cqkit.arrays import FloatArray
from hedging import HedgeResult

if TYPE_CHECKING:
    from abm.model import CrowdingModel


class MarketAgent(mesa.Agent):
    """An agent of a `CrowdingModel`."""

    model: CrowdingModel


class QuantFund(MarketAgent):
    """One fund of the crowd: row `row` of the fund arrays."""

    def __init__(self, model: CrowdingModel, row: int) -> None:
        super().__init__(model)
        self.row = row

    @property
    def equity(self) -> float:
        """Own funds."""
        return float(self.model.funds.equity[0, self.row])

    @property
    def book(self) -> float:
        """Book per side, in units worth 1 at the start."""
        return float(self.model.funds.book[0, self.row])

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
        return FundState(int(self.model.funds.state[0, self.row]))

    @property
    def holdings(self) -> FloatArray:
        """Shares of each stock, shape (stocks,); negative where short."""
        return self.book * self.model.funds.exposure[0, self.row] @ self.model.market.state.baskets.shares[0]


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
        """Own funds: stocks that it has paid for, deposit and reserve."""
        return (1 - self._at("swap")) * self.stock_book + self.deposit + self.reserve

    @property
    def nav(self) -> float:
        """Equity per fund unit over that at the start; redemptions leave it as it is."""
        return float(self.model.futures_crowd.unit_value(self.model.market.state)[0, self.row])

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
        notional = self.contracts * float(self.model.market.state.futures.price[0])
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
        notional = abs(self.contracts) * float(self.model.market.state.futures.price[0])
        base = self.stock_book if self.kind is FundKind.SWAP else notional
        return (self.deposit - self._at("floor") * self._at("margin_level") * base) / self.stock_book

    @property
    def state(self) -> FundState:
        """What the fund is doing."""
        return FundState(int(self._at("state")))

    @property
    def holdings(self) -> FloatArray:
        """Shares of each stock, shape (stocks,), a broker's for it included."""
        return self._at("held") * self.model.hedgers.exposure[0, self.row] @ self.model.market.state.baskets.shares[0]

    def _at(self, name: str) -> float:
        return float(getattr(self.model.hedgers, name)[0, self.row])


class LiquidatingFund(MarketAgent):
    """The fund that sells its book in the crowded positions, come what may."""

    @property
    def book(self) -> float:
        """Book per side that is left."""
        return float(self.model.market.state.liquidator.book[0])

    @property
    def cash(self) -> float:
        """What its sales have brought so far, net of the spread; negative if a neutral book went at a loss."""
        return float(self.model.market.state.ledger.cash[0, Party.LIQUIDATOR])


class PrimeBroker(MarketAgent):
    """Watches the crowd and calls margin; limits and headroom are those of long-short funds."""

    @property
    def limits(self) -> FloatArray:
        """Leverage at which each fund is called, shape (funds,)."""
        return self.model.funds.limit[0].copy()

    @property
    def headroom(self) -> FloatArray:
        """Leverage that each fund has left before a call, as a ratio to its limit, shape (funds,)."""
        leverage = np.array([fund.leverage for fund in self.model.quant_funds])
        return 1 - leverage / self.limits

    @property
    def deleveraging(self) -> int:
        """Funds selling under compulsion."""
        states = np.concatenate([self.model.funds.state[0], self.model.hedgers.state[0]])
        return int((states == FundState.DELEVERAGING).sum())


class LiquidityProvider(MarketAgent):
    """All liquidity providers and slow capital together: the other side of every trade."""

    @property
    def inventory(self) -> FloatArray:
        """What providers still carry, in ADV-days, shape (stocks,); positive: others bought net."""
        return self.model.market.state.stocks.inventory[0].copy()

    @property
    def holdings(self) -> FloatArray:
        """Shares taken from all others since the start, slow capital's included, shape (stocks,)."""
        return self.model.market.state.providers.shares[0].copy()

    @property
    def pnl(self) -> float:
        """Cash and holdings at market since the start."""
        state = self.model.market.state
        return float(state.ledger.cash[0, Party.PROVIDERS] + self.holdings @ state.stocks.price[0])


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
        return 0.0 if accounts is None else float(accounts.hedged_pnl[0, -1]) / accounts.start_value

    @property
    def margin_calls(self) -> int:
        """Days so far on which the reserve did not meet the need."""
        return 0 if self.accounts is None else int(self.accounts.margin_call_days[0])


class Trader(MarketAgent):
    """Base of the user's own agents: override `step`, and call `order` in it.

    Orders of a day are executed evenly over its bars at the middle of each bar's move, together with everybody else's,
    and pay the half-spread. `holdings` and `cash` are booked from those fills.
    """

    def __init__(self, model: CrowdingModel, *args: Any, **kwargs: Any) -> None:
        super().__init__(model, *args, **kwargs)
        self.holdings: FloatArray = np.zeros(model.stocks)
        self.cash = 0.0
        self._ordered: FloatArray = np.zeros(model.stocks)

    @property
    def equity(self) -> float:
        """Cash and holdings at market; 0 at the start."""
        return self.cash + float(self.holdings @ self.model.prices)

    def order(self, shares: FloatArray) -> None:
        """Buy so many shares of each stock, shape (stocks,), over the coming day; negative sells."""
        wanted = np.broadcast_to(np.asarray(shares, dtype=float), self._ordered.shape)
        self.model.market.submit(wanted)
        self._ordered = self._ordered + wanted

    def settle(self, price: FloatArray, half_spread: float) -> None:
        """Book the day's fills: the model calls this after the close with the average prices paid."""
        self.holdings = self.holdings + self._ordered
        self.cash -= float(self._ordered @ price + half_spread * np.abs(self._ordered).sum())
        self._ordered = np.zeros_like(self._ordered)
