"""Several books and the stocks in them: the user's own, or those of a simulated market's funds."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from abm import Market, Settings
from abm.crowding import active_books, market_depth
from abm.holdings import own_books
from abm.inhabitants.desk import HedgeDeskInMarket
from abm.laws import get as law_named
from abm.opening import impact_of_a_bar
from cqkit.arrays import BoolArray, FloatArray, IntArray
from cqkit.errors import raise_faults
from cqkit.plain import counted, first_few, percent
from hedging.holdings import Holdings, match_tickers


@dataclass(frozen=True, repr=False)
class Crowd:
    """Books of several funds and the stocks in them; money in one currency.

    Attributes
    ----------
    funds, stocks
        Their names.
    holdings
        Signed, shape (funds, stocks).
    equity
        Shape (funds,); NaN where it is not known.
    adv
        Money traded on an ordinary day, shape (stocks,); NaN where it is not known, as in the following ones.
    volatility
        Per square root of a day, shape (stocks,).
    index_weight
        Share of the index, shape (stocks,).
    sectors, titles
        Of the stocks, "" where not known.
    active
        What the funds have chosen: their books beside the index, shape (funds, stocks).
    own
        A book set beside the crowd, shape (stocks,), and its name; None without one.
    currency
        Of all money; "" where it is not known.
    notes
        What was filled in or left out, a line each; no holding is named in them.
    """

    funds: tuple[str, ...]
    stocks: tuple[str, ...]
    holdings: FloatArray
    equity: FloatArray
    adv: FloatArray
    volatility: FloatArray
    index_weight: FloatArray
    sectors: tuple[str, ...]
    titles: tuple[str, ...]
    active: FloatArray
    own: FloatArray | None = None
    own_name: str = ""
    currency: str = ""
    notes: tuple[str, ...] = ()

    def __repr__(self) -> str:
        """Say how large it is, and nothing of what is held."""
        return f"Crowd({len(self.funds)} funds, {len(self.stocks)} stocks)"

    @property
    def gross(self) -> FloatArray:
        """Long and short positions together, by fund."""
        return np.abs(self.holdings).sum(axis=1)

    @property
    def traded(self) -> BoolArray:
        """Stocks whose ADV is known, shape (stocks,)."""
        return self.adv > 0

    @property
    def priced(self) -> BoolArray:
        """Stocks of which it is known how hard they are to sell: ADV and volatility, shape (stocks,)."""
        return self.traded & (self.volatility > 0)

    def beside_index(self, books: FloatArray) -> FloatArray:
        """Books less their net value held in the index, (books, stocks); as they are where the index is not known."""
        weight = np.nan_to_num(self.index_weight)
        total = weight.sum()
        # Weights of the stocks held alone: the rest of the index is in nobody's book. Less than half is no index.
        return active_books(books, weight / total) if total > 0.5 else books

    @property
    def levered(self) -> bool:
        """Whether the equity of all funds is known."""
        return bool(np.isfinite(self.equity).all())


def crowd_of(
    books: Sequence[Holdings],
    *,
    leverage: float | None = None,
    equity: Mapping[str, float] | None = None,
    leverages: Mapping[str, float] | None = None,
    own: Holdings | None = None,
) -> Crowd:
    """Put books together, stocks matched by ticker.

    Parameters
    ----------
    books
        One a fund.
    leverage
        Gross book over equity, of all funds of which neither equity nor leverage is given.
    equity, leverages
        Money, and gross book over it, by a fund's name.
    own
        A book to be set beside the crowd.

    Raises
    ------
    InputError
        One line a fault: books in several currencies, one that holds no stock, equity of nobody.
    """
    named = _apart([book.name for book in books])
    together = [*books, *([] if own is None else [own])]
    stocks, places = _stocks(together)
    held = np.zeros((len(together), len(stocks)))
    for row, (book, place) in enumerate(zip(together, places, strict=True)):
        np.add.at(held[row], place, book.value)
    gross = np.abs(held).sum(axis=1)
    faults = _currency_faults(together)
    faults += [
        f"{book.name}: holds no stock: a book must hold something"
        for book, value in zip(together, gross, strict=True)
        if value == 0
    ]
    known_as = [{name, book.name, book.name.partition(": ")[2]} for name, book in zip(named, books, strict=True)]
    money, ratios = (_by_fund(known_as, named, given or {}, faults) for given in (equity, leverages))
    raise_faults(faults)
    ratios = np.where(np.isnan(ratios), np.nan if leverage is None else leverage, ratios)
    money = np.where(np.isnan(money), gross[: len(books)] / ratios, money)
    known = {name: _first(together, places, len(stocks), name) for name in ("adv", "volatility", "index_weight")}
    words = {name: _first_word(together, places, len(stocks), name) for name in ("sector", "title")}
    crowd = Crowd(
        named,
        stocks,
        held[: len(books)],
        money,
        **known,
        sectors=words["sector"],
        titles=words["title"],
        active=held[: len(books)],
        own=None if own is None else held[-1],
        own_name="" if own is None else own.name,
        currency=next((book.currency for book in together if book.currency), ""),
        notes=_notes(together),
    )
    return _completed(crowd)


def crowd_in(market: Market, path: int = 0) -> Crowd:
    """The funds of a simulated market and what they hold on one path at the latest close, in the scenario's money.

    Beside them stands the hedge desk's stock book, if there is one; its stocks go by their tickers where it is listed.
    """
    state, settings = market.state, market.settings
    price, unit = state.stocks.price[path], settings.market.daily_value
    holdings, equity = market.books(path) * price, state.funds.equity[path]
    hedgers = state.futures_funds
    if hedgers.held.shape[1]:
        shares = (hedgers.held[path][:, None] * market.futures_crowd.exposure(path)) @ state.baskets.shares[path]
        holdings = np.vstack([holdings, shares * price])
        equity = np.concatenate([equity, market.futures_crowd.equity()[path]])
    index = state.stocks.index_shares[path] * price
    count, listed = holdings.shape[1], settings.listed
    book = None if listed is None else listed.book
    named = 0 if book is None else len(book.tickers)
    own = _desk_in(market, path)
    return Crowd(
        funds=_names_in(settings, len(holdings)),
        stocks=(*(book.tickers if book else ()), *(f"stock {number}" for number in range(named, count))),
        holdings=holdings * unit,
        equity=equity * unit,
        adv=state.stocks.adv[path] * price * state.providers.capacity[path] * unit,
        volatility=state.stocks.volatility[path],
        index_weight=index / index.sum(),
        sectors=(*(book.sector if book else ()), *("",) * (count - named)),
        titles=(*(book.title if book else ()), *("",) * (count - named)),
        active=market.active_books(path) * price * unit,
        own=None if own is None else own * price * unit,
        own_name="" if own is None else "The hedge desk",
        currency=settings.market.currency,
    )


def _names_in(settings: Settings, count: int) -> tuple[str, ...]:
    """Names of a market's funds: those of the books that were given, or numbers."""
    funds = settings.funds
    if funds.holdings is not None:
        names = own_books(funds.holdings, funds.count, settings.market.stocks, settings.listed).funds
        if names:
            return _apart(names)
    return tuple(f"fund {number}" for number in range(count))


def _desk_in(market: Market, path: int) -> FloatArray | None:
    """Shares that the hedge desk has in its stock book, shape (stocks,); None without a desk."""
    desk = market.inhabitants.get("desk")
    if not isinstance(desk, HedgeDeskInMarket):
        return None
    stocks, common = market.state.stocks, market.state.baskets.shares[:, 0]
    opened = desk.book.result() is not None
    held = desk.book.shares(stocks, common) if opened else desk.book.weights(stocks, common) / stocks.price
    return held[path] * market.settings.desk_size


def depth_in(market: Market, crowd: Crowd, flow: float) -> FloatArray:
    """Depth of a simulated market's stocks under its own impact law, made linear at a flow (days of volume)."""
    impact = market.settings.impact
    effect = law_named(impact.law)(flow, impact_of_a_bar(impact, market.settings.clock.bars))
    # What the square root moves a price by at one day's volume is the yardstick of all laws.
    return market_depth(crowd.adv, crowd.volatility, flow=1.0, strength=impact.strength, crossover=0.0) * flow / effect


def _apart(names: Sequence[str]) -> tuple[str, ...]:
    """Names that are all different: without their file where that is enough; a second fund of a name is numbered."""
    bare = [name.partition(": ")[2] or name for name in names]
    if len(set(bare)) == len(names):
        return tuple(bare)
    found: list[str] = []
    for name in names:
        number, told = 1, name
        while told in found:
            number += 1
            told = f"{name} ({number})"
        found.append(told)
    return tuple(found)


def _stocks(books: Sequence[Holdings]) -> tuple[tuple[str, ...], list[IntArray]]:
    """All tickers, and the places of each book's among them."""
    known: list[str] = []
    places = []
    for book in books:
        found = match_tickers(book.tickers, known)
        fresh = np.flatnonzero(found < 0)
        found[fresh] = len(known) + np.arange(fresh.size)
        known += [book.tickers[place] for place in fresh]
        places.append(found)
    return tuple(known), places


def _first(books: Sequence[Holdings], places: Sequence[IntArray], stocks: int, name: str) -> FloatArray:
    """A figure of the stocks: of the first book that knows it."""
    found = np.full(stocks, np.nan)
    for book, place in zip(books, places, strict=True):
        values = getattr(book, name)
        found[place] = np.where(np.isnan(found[place]), values, found[place])
    return found


def _first_word(books: Sequence[Holdings], places: Sequence[IntArray], stocks: int, name: str) -> tuple[str, ...]:
    found = [""] * stocks
    for book, place in zip(books, places, strict=True):
        for to, word in zip(place, getattr(book, name), strict=True):
            found[int(to)] = found[int(to)] or word
    return tuple(found)


def _notes(books: Sequence[Holdings]) -> tuple[str, ...]:
    """What was said of the books; how many positions are short of all together."""
    notes = dict.fromkeys(note for book in books for note in book.notes if not note.endswith("positions are short"))
    short = sum(int((book.value < 0).sum()) for book in books)
    if short:
        notes[f"{short} of {sum(len(book.value) for book in books)} positions are short"] = None
    return tuple(notes)


def _by_fund(
    known_as: Sequence[set[str]], names: Sequence[str], given: Mapping[str, float], faults: list[str]
) -> FloatArray:
    """What is given of funds, in their order and NaN where nothing is."""
    found = np.full(len(names), np.nan)
    for fund, value in given.items():
        meant = [place for place, known in enumerate(known_as) if fund in known]
        if len(meant) == 1:
            found[meant[0]] = value
        else:
            which = "no such fund" if not meant else f"{len(meant)} funds of that name"
            faults.append(f"equity of {fund}: {which} among {first_few(names, 5)}")
    return found


def _currency_faults(books: Sequence[Holdings]) -> list[str]:
    named: dict[str, str] = {}
    for book in books:
        if book.currency:
            named.setdefault(book.currency, book.name)
    if len(named) < 2:
        return []
    told = ", ".join(f"{currency} ({name})" for currency, name in named.items())
    return [f"books in several currencies, {told}: must be in one"]


def _completed(crowd: Crowd) -> Crowd:
    """With volatilities that are missing filled in, and what the funds have chosen beside the index."""
    notes, volatility = list(crowd.notes), crowd.volatility
    missing = ~(volatility > 0)
    if missing.any() and not missing.all():
        volatility = np.where(missing, np.median(volatility[~missing]), volatility)
        notes.append(
            f"volatility of {counted(int(missing.sum()), 'stock')} is not known: the median of the others is taken"
        )
    if not crowd.traded.any():
        notes.append("ADV is not known of any stock: no days to liquidate, no fire sales, no loop (a column ADV)")
    elif missing.all():
        notes.append("volatility is not known of any stock: no fire sales, no loop (a column volatility, or --history)")
    elif not crowd.levered:
        notes.append(
            "equity is not known of all funds: each is taken to sell a tenth of its book (--leverage, --equity)"
        )
    held = np.abs(crowd.holdings).sum(axis=0)
    out = held[~crowd.traded].sum() / held.sum()
    if crowd.traded.any() and out > 0:
        stocks = counted(int((~crowd.traded).sum()), "stock")
        notes.append(
            f"ADV of {stocks} is not known: measures of liquidity leave them out, {percent(out)} of what the funds hold"
        )
    active = crowd.beside_index(crowd.holdings)
    return replace(crowd, volatility=volatility, active=active, notes=tuple(notes))
