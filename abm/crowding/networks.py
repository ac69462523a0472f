"""Networks of books: who holds what, and whose sales cost whom; networkx graphs that can be written as GraphML."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from abm.crowding.overlap import cosine_overlap
from cqkit.arrays import FloatArray

if TYPE_CHECKING:
    import networkx as nx


def overlap_network(books: FloatArray, threshold: float = 0.5) -> nx.Graph:
    """Network of funds: an edge joins two whose overlap is at least `threshold`; edges carry `overlap`."""
    import networkx as nx

    overlap = cosine_overlap(books)
    network = nx.Graph()
    network.add_nodes_from(range(len(books)))
    first, second = np.nonzero(np.triu(overlap >= threshold, k=1))
    network.add_weighted_edges_from(
        ((int(a), int(b), float(overlap[a, b])) for a, b in zip(first, second, strict=True)), weight="overlap"
    )
    return network


def fund_asset_network(
    holdings: FloatArray,
    funds: Sequence[str],
    stocks: Sequence[str],
    *,
    adv: FloatArray | None = None,
    sectors: Sequence[str] | None = None,
    titles: Sequence[str] | None = None,
) -> nx.Graph:
    """Bipartite network of funds and the stocks that they hold.

    Parameters
    ----------
    holdings
        In money, signed, shape (funds, stocks).
    funds, stocks
        Their names; nodes are `fund:NAME` and `stock:NAME`.
    adv
        Money traded on an ordinary day, shape (stocks,); NaN where it is not known.
    sectors, titles
        Of the stocks, "" where not known.

    Returns
    -------
    networkx.Graph
        Nodes have `bipartite` (0 a fund, 1 a stock), `kind`, `name`, `value` (gross, money), stocks `sector`, `title`
        and `adv_days` (of all funds' holdings) too. Edges have `weight` (share of the fund's gross book), `value`
        (money, signed) and `adv_days`. What is not known is left out.
    """
    import networkx as nx

    gross, held = np.abs(holdings).sum(axis=1), np.abs(holdings).sum(axis=0)
    traded = np.full(len(stocks), np.nan) if adv is None else adv
    network = nx.Graph()
    for fund, value in zip(funds, gross, strict=True):
        network.add_node(f"fund:{fund}", bipartite=0, kind="fund", name=fund, value=float(value))
    for place, stock in enumerate(stocks):
        told = {
            "sector": sectors[place] if sectors else "",
            "title": titles[place] if titles else "",
            "adv_days": _days(held[place], traded[place]),
        }
        node = {"bipartite": 1, "kind": "stock", "name": stock, "value": float(held[place])}
        network.add_node(f"stock:{stock}", **node, **_known(told))
    for row, column in zip(*np.nonzero(holdings), strict=True):
        value = float(holdings[row, column])
        edge = {"weight": abs(value) / float(gross[row]), "value": value, "adv_days": _days(abs(value), traded[column])}
        network.add_edge(f"fund:{funds[row]}", f"stock:{stocks[column]}", **_known(edge))
    return network


def contagion_network(
    losses: FloatArray, capital: FloatArray, funds: Sequence[str], attributes: Mapping[str, FloatArray] | None = None
) -> nx.DiGraph:
    """Directed network of funds: an edge from i to j is what the sales of i cost j.

    Edges into a fund, weighted, add up to its vulnerability, those out of it in money to its systemicness times the
    equity of all; an edge from a fund to itself is what its own sales cost it.

    Parameters
    ----------
    losses
        Money, row i to column j, shape (funds, funds) (`FireSales.losses`).
    capital
        Equity, shape (funds,): an edge's `weight` is its `value` over that of the fund that loses.
    funds
        Names; nodes are `fund:NAME`.
    attributes
        Further ones of the nodes by name, shape (funds,) each; what is not finite is left out.
    """
    import networkx as nx

    network = nx.DiGraph()
    for place, fund in enumerate(funds):
        told = {name: float(values[place]) for name, values in (attributes or {}).items()}
        network.add_node(f"fund:{fund}", kind="fund", name=fund, **_known(told))
    for row, column in zip(*np.nonzero(losses), strict=True):
        value = float(losses[row, column])
        weight = value / float(capital[column]) if capital[column] > 0 else float("nan")
        network.add_edge(f"fund:{funds[row]}", f"fund:{funds[column]}", **_known({"weight": weight, "value": value}))
    return network


def _days(value: float, adv: float) -> float:
    return float(value / adv) if adv > 0 else float("nan")


def _known(attributes: Mapping[str, Any]) -> dict[str, Any]:
    """Those that are known: GraphML has no word for what is not."""
    return {name: value for name, value in attributes.items() if value != "" and value == value}  # noqa: PLR0124
