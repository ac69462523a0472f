"""Tables of a crowd: by fund, by pair of funds, by stock, and of a book that is set beside it."""

from __future__ import annotations

import numpy as np
import pandas as pd

from abm.crowding import cosine_overlap, days_to_sell, unit_books
from cqkit.arrays import FloatArray
from scenarios.crowds.assessing import Assessment
from scenarios.crowds.crowd import Crowd

MOST_PAIRS = 20_000  # rows of the table of pairs: those that overlap most


def by_fund(crowd: Crowd, found: Assessment) -> pd.DataFrame:
    """A row a fund: size, leverage, overlaps, days to liquidate, contagion, systemicness and vulnerability."""
    count, others = len(crowd.funds), found.cosine - np.diag(np.diag(found.cosine))
    nearest = np.where(np.eye(count, dtype=bool), -np.inf, found.cosine).argmax(axis=1)
    table = {
        "fund": crowd.funds,
        "gross": crowd.gross,
        "net": crowd.holdings.sum(axis=1),
        "equity": crowd.equity,
        "leverage": np.divide(crowd.gross, crowd.equity, out=np.full(count, np.nan), where=crowd.equity > 0),
        "overlap": others.sum(axis=1) / (count - 1) if count > 1 else np.full(count, np.nan),
        "nearest": [crowd.funds[place] if count > 1 else "" for place in nearest],
        "nearest_overlap": found.cosine[np.arange(count), nearest] if count > 1 else np.full(count, np.nan),
    }
    if found.days_half is not None:
        table |= {"days_half": found.days_half, "days_most": found.days_most}
    if found.contagion is not None:
        table["contagion_index"] = found.contagion.weights
    if found.sales is not None:
        names = ("direct", "sold", "size", "linkage", "systemicness", "vulnerability")
        table |= {name: getattr(found.sales, name) for name in names}
    if crowd.own is not None:
        beside = unit_books(crowd.beside_index(crowd.own[None]))[0]
        table["own_overlap"] = unit_books(crowd.active) @ beside
        if found.own_losses is not None:
            table["costs_own"] = found.own_losses
    return pd.DataFrame(table)


def by_pair(crowd: Crowd, found: Assessment) -> pd.DataFrame:
    """A row a pair of funds: cosines of books, of long and short sides, and what the sales of one cost the other.

    Of very many pairs those that overlap most.
    """
    first, second = np.triu_indices(len(crowd.funds), k=1)
    by = found.cosine if found.overlap is None else found.overlap
    if first.size > MOST_PAIRS:
        chosen = np.sort(np.argsort(-np.abs(by[first, second]), kind="stable")[:MOST_PAIRS])
        first, second = first[chosen], second[chosen]
    long, short = (cosine_overlap(np.maximum(sign * crowd.holdings, 0)) for sign in (1, -1))
    table = {
        "fund": [crowd.funds[place] for place in first],
        "other": [crowd.funds[place] for place in second],
        "overlap": found.cosine[first, second],
        "long_overlap": long[first, second],
        "short_overlap": short[first, second],
    }
    if found.overlap is not None:
        table["liquidity_overlap"] = found.overlap[first, second]
    if found.sales is not None:
        capital = crowd.equity if crowd.levered else crowd.gross
        per = np.divide(found.sales.losses, capital, out=np.full_like(found.sales.losses, np.nan), where=capital > 0)
        table |= {"costs_other": per[first, second], "costs_fund": per[second, first]}
    return pd.DataFrame(table)


def by_stock(crowd: Crowd, found: Assessment) -> pd.DataFrame:
    """A row a stock that a fund holds: long, short and net, days to liquidate, move by the first round of sales."""
    books = crowd.holdings
    held = np.abs(books).sum(axis=0)
    table = pd.DataFrame(
        {
            "stock": crowd.stocks,
            "title": crowd.titles,
            "sector": crowd.sectors,
            "funds": (books != 0).sum(axis=0),
            "long": np.maximum(books, 0).sum(axis=0),
            "short": np.maximum(-books, 0).sum(axis=0),
            "net": books.sum(axis=0),
            "adv_days": _over(held, crowd.adv),
        }
    )
    if found.stock_days is not None:
        table["days"] = found.stock_days
    if found.falls is not None:
        table["move"] = found.falls
    return table[held > 0].reset_index(drop=True)


def own_by_stock(crowd: Crowd, found: Assessment) -> pd.DataFrame:
    """A row a stock of the book beside the crowd: how crowded it is, and what the funds' sales cost there."""
    own = np.zeros(len(crowd.stocks)) if crowd.own is None else crowd.own
    books = crowd.holdings
    table = pd.DataFrame(
        {
            "stock": crowd.stocks,
            "title": crowd.titles,
            "sector": crowd.sectors,
            "value": own,
            "adv_days": _over(np.abs(own), crowd.adv),
            "funds_alike": (np.sign(books) == np.sign(own)).sum(axis=0),
            "crowd_net": books.sum(axis=0),
            "crowd_adv_days": _over(np.abs(books).sum(axis=0), crowd.adv),
        }
    )
    if found.falls is not None:
        table["move"] = found.falls
        table["loss"] = -own * found.falls
    return table[own != 0].reset_index(drop=True)


def own_measures(crowd: Crowd, found: Assessment, participation: float) -> list[tuple[str, float, str, str]]:
    """Measures of the book beside the crowd: name, value, unit, meaning; none without one."""
    own = crowd.own
    if own is None:
        return []
    chosen = unit_books(crowd.beside_index(own[None]))[0]
    together = unit_books(crowd.active.sum(axis=0, keepdims=True))[0]
    told = [
        ("own_gross", float(np.abs(own).sum()), crowd.currency or "money", "the own book, long and short together"),
        ("own_overlap", float(chosen @ together), "a cosine", "of the own book with the crowd's books together"),
        (
            "own_overlap_mean",
            float((unit_books(crowd.active) @ chosen).mean()),
            "a cosine",
            "with a fund's, on average",
        ),
    ]
    if crowd.traded.any():
        known = crowd.traded
        adv, mine, others = crowd.adv[known], np.abs(own[known]), np.abs(crowd.holdings[:, known]).sum(axis=0)
        # Everybody sells at once: volume is shared by what each has to sell.
        shared = adv * np.divide(mine, mine + others, out=np.ones_like(mine), where=mine + others > 0)
        for name, volume, meaning in (
            ("own_days", adv, "in which nine tenths of the own book are sold, if nobody else sells"),
            ("own_days_crowd", shared, "the same if all funds sell too, each its part of the volume"),
        ):
            days = days_to_sell(mine[None], volume, 0.9, participation)
            told.append((name, float(days[0]), "days", meaning))
    if found.own_losses is not None:
        loss = float(found.own_losses.sum() / np.abs(own).sum())
        told.append(("own_loss", loss, "a ratio to the gross book", "what the funds' sales cost the own book"))
    return told


def _over(value: FloatArray, adv: FloatArray) -> FloatArray:
    return np.divide(value, adv, out=np.full_like(value, np.nan), where=adv > 0)
