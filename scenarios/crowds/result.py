"""What is found of a crowd: measures, tables by fund, pair and stock, networks, and a sentence."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import pandas as pd

from abm.crowding import Loop, contagion_network, fund_asset_network
from cqkit.plain import counted, percent
from cqkit.showing import Shown
from scenarios.crowds.assessing import Assessment, Terms
from scenarios.crowds.crowd import Crowd
from scenarios.crowds.tables import by_fund, by_pair, by_stock, own_by_stock, own_measures

if TYPE_CHECKING:
    import networkx as nx

MOST_EDGES = 20_000  # of a network that is written
_MONEY = ("gross", "equity")  # measures that say how large books are
FLOWS = (0.01, 0.03, 0.1, 0.3, 1.0)  # days of volume at which the loop is told


class Told(NamedTuple):
    """One measure, with what it is."""

    measure: str
    value: float
    unit: str
    meaning: str


@dataclass(frozen=True, repr=False)
class CrowdingResult(Shown):
    """How crowded books are.

    Attributes
    ----------
    title
        Whose they are.
    crowd, terms
        What was measured, and what was asked.
    found
        Arrays of all measures.
    loops
        The loop of forced sales, by the flow (days of volume) at which impact is made linear.
    daily
        Of a simulated market: quantiles of each measure over paths, day by day.
    manifest
        How it came about; of the user's files it has digests only.
    comomentum
        Of the stocks that the funds hold most and are most short of, over a history; NaN without one.
    """

    title: str
    crowd: Crowd
    terms: Terms
    found: Assessment
    loops: list[tuple[float, Loop]] = field(default_factory=list)
    daily: pd.DataFrame | None = None
    manifest: dict[str, Any] = field(default_factory=dict)
    comomentum: float = float("nan")

    def __repr__(self) -> str:
        """Say whose it is and what was found, without a holding."""
        return f"CrowdingResult({self.title!r}: {self.crowd!r}, mean overlap {self.found.average_cosine:.2f})"

    @property
    def measures(self) -> list[Told]:
        """The measures of the crowd as a whole."""
        return [
            item for item in (*_of_books(self), *_of_sales(self), *own_measures_told(self)) if item.value == item.value
        ]

    def tables(self) -> dict[str, pd.DataFrame]:
        """Frames by the name of the file that they are written to, without its ending."""
        crowd, found = self.crowd, self.found
        tables = {
            "measures": pd.DataFrame(self.measures, columns=Told._fields),
            "by_fund": by_fund(crowd, found),
            "by_pair": by_pair(crowd, found),
            "by_stock": by_stock(crowd, found),
        }
        if self.loops:
            rows = [(flow, loop.gain, loop.critical, loop.cushion) for flow, loop in self.loops]
            tables["loop"] = pd.DataFrame(rows, columns=["flow", "gain", "critical_leverage", "cushion"])
        if crowd.own is not None:
            tables["own_book"] = own_by_stock(crowd, found)
        if self.daily is not None:
            tables["daily"] = self.daily
        return tables

    def networks(self) -> dict[str, nx.Graph]:
        """Who holds what, and whose sales cost whom, by name."""
        crowd, found = self.crowd, self.found
        named = crowd.funds
        graphs: dict[str, nx.Graph] = {
            "fund-asset": fund_asset_network(
                crowd.holdings, named, crowd.stocks, adv=crowd.adv, sectors=crowd.sectors, titles=crowd.titles
            )
        }
        if found.sales is not None:
            capital = crowd.equity if crowd.levered else crowd.gross
            attributes = {
                "value": crowd.gross,
                "vulnerability": found.sales.vulnerability,
                "systemicness": found.sales.systemicness,
            }
            graphs["fund-fund"] = contagion_network(found.sales.losses, capital, named, attributes)
        return graphs

    def write_files(self, folder: Path) -> None:
        """Write the networks as GraphML; of very many edges the largest."""
        from networkx import write_graphml

        for name, graph in self.networks().items():
            write_graphml(_largest(graph, MOST_EDGES), folder / f"{name}.graphml")

    def as_json(self) -> dict[str, Any]:
        """Plain values."""
        frames = {name: frame for name, frame in self.tables().items() if name != "measures"}
        if "daily" in frames:
            frames["daily"] = frames["daily"].astype({"date": str})
        tables = {name: frame.to_dict("records") for name, frame in frames.items()}
        measures = {item.measure: item.value for item in self.measures}
        told = {"title": self.title, "finding": self.finding(), "terms": vars(self.terms), "measures": measures}
        return {**told, **tables, "manifest": self.manifest}

    def stored(self) -> dict[str, Any]:
        """What manifest.json holds: what was asked and the measures, and nothing of what anybody holds."""
        return {
            "terms": vars(self.terms),
            "measures": {item.measure: item.value for item in self.measures if not item.measure.endswith(_MONEY)},
            "manifest": self.manifest,
        }

    def finding(self) -> str:
        """A sentence or two for a reader who reads no more."""
        return " ".join(_sentences(self))


def own_measures_told(result: CrowdingResult) -> list[Told]:
    """Measures of the book that is set beside the crowd; none without one."""
    return [Told(*row) for row in own_measures(result.crowd, result.found, result.terms.participation)]


def _of_books(result: CrowdingResult) -> list[Told]:
    crowd, found = result.crowd, result.found
    money = crowd.currency or "money"
    index = found.contagion
    told = [
        Told("funds", len(crowd.funds), "funds", "books that were measured"),
        Told("stocks", len(crowd.stocks), "stocks", "held by any of them"),
        Told("gross", float(crowd.gross.sum()), money, "long and short positions of all funds together"),
        Told(
            "overlap",
            found.average_cosine,
            "a cosine",
            "mean over all pairs of funds, of what they hold beside the index",
        ),
        Told("strategies", found.strategies, "strategies", "effective number of independent books among the funds"),
        Told("strategies_entropy", found.entropy, "strategies", "the same by the entropy of the eigenvalues"),
        Told("days_half", found.crowd_half, "days", "in which all funds together sell half of what they hold"),
        Told("days_most", found.crowd_most, "days", "in which they sell nine tenths of it"),
    ]
    if index is not None:
        told.append(
            Told("contagion_share", index.share, "a share", "of liquidity-weighted overlaps that one vector tells")
        )
    told.append(
        Told(
            "comomentum",
            result.comomentum,
            "a correlation",
            "of the stocks that the funds hold most, and of the shorts",
        )
    )
    return told


def _of_sales(result: CrowdingResult) -> list[Told]:
    crowd, found = result.crowd, result.found
    if found.sales is None or not crowd.levered:
        return []
    loop = found.loop
    equity = float(crowd.equity[crowd.equity > 0].sum())
    leverage = float(crowd.gross.sum()) / equity
    told = [
        Told("equity", equity, crowd.currency or "money", "of all funds"),
        Told("leverage", leverage, "a ratio", "gross book over equity, of all funds together"),
        Told(
            "direct_loss",
            _mean(found.sales.direct, crowd.equity),
            "a ratio to equity",
            "of all funds by the shock itself",
        ),
        Told(
            "aggregate_vulnerability",
            found.sales.aggregate,
            "a ratio to equity",
            "what the first round of sales costs them",
        ),
    ]
    if loop is not None:
        told += [
            Told("loop_gain", loop.gain, "a ratio", "sales of a round over those of the round before"),
            Told("all_rounds", found.rounds, "a ratio", "cost of all rounds of sales over that of the first"),
            Told(
                "critical_leverage",
                leverage * loop.critical,
                "a ratio",
                "at which the loop gain is 1, books as they are",
            ),
        ]
        if loop.gain < 1:
            meaning = "whose loss, books still held, makes the loop gain 1"
            told.append(Told("cushion", loop.cushion, "a share of equity", meaning))
    return told


def _mean(values: Any, equity: Any) -> float:
    alive = equity > 0
    return float((values[alive] * equity[alive]).sum() / equity[alive].sum())


def _sentences(result: CrowdingResult) -> list[str]:
    crowd, found, terms = result.crowd, result.found, result.terms
    count = len(crowd.funds)
    told = []
    if count == 1:
        told.append(f"1 fund holds {counted(len(crowd.stocks), 'stock')}.")
    else:
        told.append(
            f"{count} funds hold what {found.strategies:.1f} independent ones would "
            f"(mean overlap {found.average_cosine:.2f})."
        )
    if found.sales is None:
        return told
    whom = "against what they hold" if terms.shock == "crowd" else "down of all stocks"
    if crowd.levered:
        told.append(
            f"After a move of {percent(terms.move, 1)} {whom}, which costs them "
            f"{percent(_mean(found.sales.direct, crowd.equity))} of their equity, sales to keep leverage cost "
            f"{percent(found.sales.aggregate, 2)} more in the first round; {_loop(found.loop)}."
        )
    else:
        told.append(
            f"If each sold a tenth of its book, they would lose {percent(found.sales.aggregate, 2)} of it by impact."
        )
    if count > 1:
        most, hurt = int(found.sales.systemicness.argmax()), _most(found.sales.vulnerability)
        base = "equity" if crowd.levered else "book"
        told.append(
            f"{crowd.funds[most]} costs most ({percent(_share(found.sales.systemicness, most), 0)} of all losses by "
            f"sales, its own among them), "
            f"{crowd.funds[hurt]} loses most ({percent(found.sales.vulnerability[hurt], 2)} of its {base})."
        )
    return told + _own_sentence(result)


def _own_sentence(result: CrowdingResult) -> list[str]:
    own = {item.measure: item.value for item in own_measures_told(result)}
    if "own_loss" not in own:
        return []
    name = result.crowd.own_name
    return [
        f"{name} overlaps with the crowd by {own['own_overlap']:.2f} and loses "
        f"{percent(own['own_loss'], 2)} of its gross book by the funds' sales."
    ]


def _loop(loop: Loop | None) -> str:
    if loop is None or loop.critical == float("inf"):
        return "no leverage makes such sales feed on themselves"
    if loop.gain >= 1:
        return f"the loop gain is {loop.gain:.2f}: such sales feed on themselves"
    lost = percent(loop.cushion, 0)
    return (
        f"the loop gain is {loop.gain:.2f}, and would be 1 had they lost {lost} of their equity with books still held"
    )


def _largest(graph: nx.Graph, most: int) -> nx.Graph:
    """A network with all nodes and the edges that are worth most."""
    if graph.number_of_edges() <= most:
        return graph
    kept = graph.__class__()
    kept.add_nodes_from(graph.nodes(data=True))
    edges = sorted(graph.edges(data=True), key=lambda edge: -abs(edge[2]["value"]))
    kept.add_edges_from(edges[:most])
    return kept


def _share(values: Any, place: int) -> float:
    total = float(values.sum())
    return float(values[place]) / total if total else 0.0


def _most(values: Any) -> int:
    return int(pd.Series(values).fillna(-1.0).argmax())
