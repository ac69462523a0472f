"""The user's own books: from files to what is found of them."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Sequence
from os import PathLike

import numpy as np

from abm.crowding import comomentum
from cqkit.errors import InputError
from cqkit.manifest import manifest
from hedging.holdings import book_file, match_tickers, read_book, read_books
from hedging.holdings.history import History, filled, read_history
from scenarios.crowds.assessing import Terms, assess, depth_of, loops_by_flow
from scenarios.crowds.crowd import Crowd, crowd_of
from scenarios.crowds.equity import equity_beside, read_equity
from scenarios.crowds.result import FLOWS, CrowdingResult

File = str | PathLike[str]
_FEWEST = 20  # stocks with a whole history, from which comomentum is taken


def measure_files(
    files: Sequence[File],
    terms: Terms,
    *,
    leverage: float | None = None,
    equity: File | None = None,
    desk: File | None = None,
    history: File | None = None,
    value: float | None = None,
) -> CrowdingResult:
    """Measure books in files; parameters as of `scenarios.crowding`.

    Raises
    ------
    InputError
        With a line for every fault in the files or the arguments.
    """
    started = time.perf_counter()
    if leverage is not None and not 0 < leverage <= 1000:
        raise InputError(f"leverage = {leverage:g}: must lie in 0..1000 (gross book over equity), 0 not included")
    books = read_books(files, value=value)
    own = None if desk is None else read_book(desk, value=value)
    money, ratios = _owned(files, equity)
    past = None if history is None else read_history(history)
    if past is not None:
        books = tuple(filled(book, past) for book in books)
        own = None if own is None else filled(own, past)
    crowd = crowd_of(books, leverage=leverage, equity=money, leverages=ratios, own=own)
    found = assess(crowd, terms)
    others = {"desk": desk, "equity": equity, "history": history}
    made = manifest(
        seconds=time.perf_counter() - started,
        digests={
            "books": list(dict.fromkeys(book.digest for book in books)),
            **{name: _digest(path) for name, path in others.items() if path is not None},
        },
        notes=list(crowd.notes),
    )
    title = "1 book" if len(books) == 1 else f"{len(books)} books"
    return CrowdingResult(
        title,
        crowd,
        terms,
        found,
        loops_by_flow(crowd, {at: depth_of(crowd, at) for at in FLOWS}),
        manifest=made,
        comomentum=_comomentum(crowd, past),
    )


def _owned(files: Sequence[File], equity: File | None) -> tuple[dict[str, float], dict[str, float]]:
    """Equity and leverage by fund: of a column of the lists, and before it of a file of its own."""
    money: dict[str, float] = {}
    ratios: dict[str, float] = {}
    for file in files:
        more, further = equity_beside(file)
        money |= more
        ratios |= further
    if equity is not None:
        more, further = read_equity(equity)
        money, ratios = {**money, **more}, {**ratios, **further}
        # What a file of its own says of a fund takes the place of the other kind of figure too.
        money = {fund: value for fund, value in money.items() if fund not in further}
    return money, ratios


def _digest(path: File) -> str:
    return hashlib.sha256(book_file(path).read_bytes()).hexdigest()


def _comomentum(crowd: Crowd, past: History | None) -> float:
    """Of the stocks that the crowd is longest and shortest of, in days of volume, over a history; NaN without one."""
    if past is None:
        return float("nan")
    places = match_tickers(crowd.stocks, past.tickers)
    whole = (places >= 0) & np.isfinite(past.returns[:, places]).all(axis=0)
    if whole.sum() < _FEWEST:
        return float("nan")
    returns, net, size = past.returns[:, places[whole]], crowd.holdings.sum(axis=0)[whole], crowd.adv[whole]
    score = net / size if (size > 0).all() else net
    market = returns.mean(axis=1) if past.index is None else past.index
    both = np.isfinite(market)
    return comomentum(returns[both], score, market[both]).mean
