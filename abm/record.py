"""What a market writes down at each close."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol, Self

import numpy as np
import numpy.typing as npt
import pandas as pd

from abm.columns import COLUMNS, columns_of, flow_column
from abm.cut import CutState
from abm.settings import Settings
from abm.state import Flow
from cqkit.arrays import FloatArray, IntArray

if TYPE_CHECKING:
    from abm.market import Market

EVENT_KINDS = ("margin_call", "forced_sale", "default", "re_entry")
DESK_KINDS = ("desk_call", "desk_sale")
KIND = pd.CategoricalDtype([*EVENT_KINDS, *DESK_KINDS])  # of an event
EVENT_COLUMNS = ("path", "day", "fund", "kind", "amount")


class Events(NamedTuple):
    """Events, as small as they can be kept; shape (events,)."""

    path: npt.NDArray[np.int32]
    day: npt.NDArray[np.int16]
    fund: npt.NDArray[np.int32]
    kind: npt.NDArray[np.int8]  # place among the categories of `KIND`
    amount: FloatArray

    @classmethod
    def of(cls, path: IntArray, day: IntArray, fund: IntArray, kind: str, amount: FloatArray) -> Self:
        """Events of one kind, arrays shaped (events,)."""
        kinds = np.full(len(path), KIND.categories.get_loc(kind), dtype=np.int8)
        small = np.asarray(path, np.int32), np.asarray(day, np.int16), np.asarray(fund, np.int32)
        return cls(*small, kinds, np.asarray(amount, np.float64))

    @classmethod
    def joined(cls, parts: Sequence[Self]) -> Self:
        """All of some parts, one after the other; one alone is not copied."""
        if len(parts) == 1:
            return parts[0]
        none = ([np.empty(0, kind)] for kind in (np.int32, np.int16, np.int32, np.int8, np.float64))
        return cls(*(np.concatenate(arrays) for arrays in (zip(*parts, strict=True) if parts else none)))

    def frame(self) -> pd.DataFrame:
        """A row an event in the order of path, day and fund, columns `EVENT_COLUMNS`; nobody's, fund -1, come last."""
        order = np.lexsort((np.where(self.fund < 0, np.iinfo(np.int32).max, self.fund), self.day, self.path))
        named: dict[str, Any] = {name: part[order] for name, part in self._asdict().items()}
        named["kind"] = pd.Categorical.from_codes(named["kind"], dtype=KIND)
        return pd.DataFrame(named, copy=False)


class CalledFunds(Protocol):
    """What befell funds in a day; arrays shaped (paths, funds)."""

    @property
    def calls(self) -> IntArray:
        """Margin calls."""

    @property
    def called(self) -> FloatArray:
        """Missing at the worst of them."""

    @property
    def forced(self) -> FloatArray:
        """Units sold under compulsion."""

    @property
    def rebought(self) -> FloatArray:
        """Units bought back."""

    @property
    def lenders_loss(self) -> FloatArray:
        """What lenders have booked since its equity was gone."""

    @property
    def cut(self) -> CutState:
        """How far each has been cut."""


@dataclass
class DailyRecord:
    """The days of a run; `record["index"]` is a daily column (abm/columns.py), shape (paths, days), NaN if unknown."""

    daily: dict[str, FloatArray]  # columns that are written by name
    flows: FloatArray  # (paths, days, flows), units bought by `Flow`
    nav: FloatArray  # (paths, days, funds), over starting equity; 1 without any
    kinds: IntArray  # (funds,), FundKind
    overlap: FloatArray  # (paths,), realised average overlap of the funds' books at the start
    book: FloatArray  # (paths,), the crowd's book at the start
    ledger_residual: FloatArray  # (paths,), largest distance of any bar's cash ledger from closing
    events: list[Events]

    @classmethod
    def empty(cls, settings: Settings, paths: int, kinds: IntArray) -> Self:
        """Make room for a run with funds of these kinds."""
        days, flows = settings.clock.days, {flow_column(flow) for flow in Flow}
        return cls(
            daily={name: np.full((paths, days), np.nan) for name in columns_of(settings) if name not in flows},
            flows=np.zeros((paths, days, len(Flow))),
            nav=np.ones((paths, days, kinds.size)),
            kinds=kinds,
            overlap=np.empty(paths),
            book=np.empty(paths),
            ledger_residual=np.zeros(paths),
            events=[],
        )

    @classmethod
    def concatenate(cls, records: Iterable[Self]) -> Self:
        """Join the records of blocks of paths, in order."""
        blocks = list(records)
        arrays = {
            item.name: np.concatenate([getattr(block, item.name) for block in blocks])
            for item in fields(cls)
            if item.name not in {"events", "kinds", "daily"}
        }
        daily = {name: np.concatenate([block.daily[name] for block in blocks]) for name in blocks[0].daily}
        events = Events.joined([event for block in blocks for event in block.events])
        return cls(daily, **arrays, kinds=blocks[0].kinds, events=[events])

    def __getitem__(self, name: str) -> FloatArray:
        """A daily column by name, shape (paths, days)."""
        if name in self.daily:
            return self.daily[name]
        return self.flows[:, :, {flow_column(flow): flow for flow in Flow}[name]]

    def __contains__(self, name: object) -> bool:
        return name in dict(self.columns())

    @property
    def paths(self) -> int:
        """Number of paths."""
        return len(self.overlap)

    @property
    def has_futures(self) -> bool:
        """Whether there is a futures market to tell of."""
        return "basis" in self.daily

    def columns(self) -> Iterator[tuple[str, FloatArray]]:
        """Daily columns by name, shape (paths, days), in the order in which they are declared."""
        flows = {
            flow_column(flow): flow for flow in Flow if self.has_futures or flow not in (Flow.ARBITRAGE, Flow.FUTURES)
        }
        for name in COLUMNS.names():
            if name in flows:
                yield name, self.flows[:, :, flows[name]]
            elif name in self.daily:
                yield name, self.daily[name]

    def by_fund(self, kind: str, *, amounts: bool = False) -> FloatArray:
        """Number of events of a kind by path and fund, or the sum of their amounts, shape (paths, funds)."""
        found, funds = Events.joined(self.events), self.kinds.size
        chosen = found.kind == KIND.categories.get_loc(kind)
        place = found.path[chosen].astype(np.int64) * funds + found.fund[chosen]
        weights = found.amount[chosen] if amounts else None
        return np.bincount(place, weights, minlength=self.paths * funds).reshape(self.paths, funds).astype(float)

    def event_frame(self) -> pd.DataFrame:
        """All events in the order of path, day and fund, columns `EVENT_COLUMNS`; kinds are a category, `KIND`."""
        return Events.joined(self.events).frame()

    def write_events(self, market: Market, funds: CalledFunds, closed_before: IntArray, first_fund: int) -> None:
        """Write down the day's events of funds that are numbered from `first_fund` on."""
        called = funds.calls > 0
        self["margin_calls"][:, market.day] += called.sum(axis=1)
        befell = (
            (called, funds.called),
            (funds.forced > 0, funds.forced),
            (funds.cut.closed > closed_before, funds.lenders_loss),
            (funds.rebought > 0, funds.rebought),
        )
        for kind, (happened, amounts) in zip(EVENT_KINDS, befell, strict=True):
            if happened.any():
                path, fund = np.nonzero(happened)
                day, amount = np.full(path.size, market.day), np.maximum(amounts[path, fund], 0)
                self.note_events(path + market.first_path, day, fund + first_fund, kind, amount)

    def note_events(self, path: IntArray, day: IntArray, fund: IntArray, kind: str, amount: FloatArray) -> None:
        """Write down events of one kind, arrays shaped (events,)."""
        self.events.append(Events.of(path, day, fund, kind, amount))
