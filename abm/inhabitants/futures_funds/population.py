"""Who hedges with index futures, and with what books (docs/model.md, section 8)."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from abm.cut import CutLimits
from abm.inhabitants.long_short.state import cut_limits
from abm.randomness import Purpose, stream
from abm.sections.crowd import shares
from cqkit.arrays import FloatArray, IntArray
from hedging import FuturesContract, HedgePolicy, Prices, PriceTape, Seat, parse_policy

if TYPE_CHECKING:
    from abm.settings import Settings

BISECTIONS = 50
EACH = "of the funds that follow it"  # what a row of a seat is, in messages


class FuturesFundPopulation(NamedTuple):
    """Properties of futures funds, shape (paths, funds)."""

    book: FloatArray  # stock book, money; as many units of the index are in it
    common: FloatArray  # units of the common book in it
    styled: FloatArray  # units of a style book of its own in it
    own: IntArray  # which basket that is
    hedge: FloatArray  # contracts short per unit of stock book on the first day
    swap: FloatArray
    initial: FloatArray
    floor: FloatArray
    reserve: FloatArray  # a ratio to the stock book
    leverage: FloatArray  # stocks over equity
    limits: CutLimits
    watched: IntArray
    unit_value: FloatArray  # at the start, a ratio to par

    @classmethod
    def nobody(cls, paths: int) -> FuturesFundPopulation:
        """A market without futures funds."""
        none, yes_or_no = np.zeros((paths, 0)), np.zeros((paths, 0), dtype=np.int64)
        limits = CutLimits(none, none, none, yes_or_no)
        return cls(none, none, none, yes_or_no, none, none, none, none, none, none, limits, yes_or_no, none)


def common_share(gram: FloatArray, crowding: float) -> float:
    """Weight c of the common book in active books c Q_0 + (1 - c) Q_j at which any two overlap by `crowding`.

    `gram` holds the books' inner products, shape (1 + styles, 1 + styles); the style is each fund's own draw, and may
    be the same. Style books that share the index overlap by themselves: less than that cannot be had, and gives c = 0.
    """

    def overlap(weight: float) -> float:
        rest = 1 - weight
        mixed = weight * rest * (gram[0, 1:, None] + gram[0, None, 1:]) + rest**2 * gram[1:, 1:]
        mixed += weight**2 * gram[0, 0]
        norm = np.sqrt(np.diag(mixed))
        return float(np.mean(mixed / np.outer(norm, norm))) if norm.min() > 0 else 1.0

    low, high = 0.0, 1.0
    if crowding >= 1:
        return 1.0
    if overlap(low) >= crowding:
        return 0.0
    for _ in range(BISECTIONS):
        middle = (low + high) / 2
        low, high = (middle, high) if overlap(middle) < crowding else (low, middle)
    return (low + high) / 2


def policies_of(settings: Settings) -> list[tuple[HedgePolicy, IntArray]]:
    """Hedge policies and the futures funds that follow each, spread evenly over swap-financed and other funds."""
    count = settings.futures_fund_count
    place = (np.arange(count) * 0.6180339887498949 + 0.5) % 1  # even at any share, in no step with anything else
    ends = np.cumsum(list(shares(settings.funds.policy).values()))
    ends[-1] = 1.0
    owner = np.searchsorted(ends, place, side="right")
    return [
        (parse_policy(text)[1], np.flatnonzero(owner == number))
        for number, text in enumerate(shares(settings.funds.policy))
    ]


def starting_hedge(policy: HedgePolicy, settings: Settings, history: FloatArray) -> FloatArray:
    """Contracts per unit of stock book that a policy asks for on the eve of the first day, shape (paths,)."""
    ones, days = np.ones(len(history)), settings.clock.days
    tape = PriceTape(Prices(ones[:, None]), days, Prices(history))
    futures = ones + settings.futures.start_basis
    seat = Seat(policy, futures_contract(settings), tape, days, start_futures=futures, each=EACH)
    return seat.ask(np.zeros_like(ones))


def futures_contract(settings: Settings) -> FuturesContract:
    """One unit of the index, as the market's funds trade it."""
    return FuturesContract("index future", 1.0, settings.futures_funds.deposit, settings.market.currency)


def draw_futures_funds(
    settings: Settings, books: FloatArray, history: FloatArray, seed: int, first_path: int
) -> FuturesFundPopulation:
    """Draw futures funds that hold the index plus a tilt to active `books` (paths, 1 + styles, stocks).

    Capital is what is given; a fund's book follows from it: stocks or a swap's margin, the futures' deposit, and the
    reserve, all in proportion to the book, use it up.
    """
    funds, rules, count = settings.funds, settings.futures_funds, settings.futures_fund_count
    paths = books.shape[0]
    swaps = round(count * rules.swap_share)
    swap = np.repeat((np.arange(count) < swaps)[None], paths, axis=0).astype(float)
    hedge = np.zeros((paths, count))
    for policy, followers in policies_of(settings):
        hedge[:, followers] = starting_hedge(policy, settings, history)[:, None]
    draws = [_draw_fund_numbers(settings, count, seed, first_path + row) for row in range(paths)]
    own, size, reserve_noise, floor_draw, watched, unit_value, *borne = (
        np.array(part) for part in zip(*draws, strict=True)
    )
    capital = funds.capital * shares(funds.kind)["futures"] * _portions(size, swap, rules.swap_share)
    wanted = np.where(swap > 0, funds.reserve, rules.cash_reserve)
    reserve = wanted * np.exp(rules.reserve_spread * reserve_noise - rules.reserve_spread**2 / 2)
    initial = np.where(swap > 0, 1 / funds.leverage, rules.deposit)
    low, high = rules.swap_floor
    swap_floor = (low + (high - low) * floor_draw) * (funds.leverage > 1)  # fully paid, there is nothing to call for
    floor = initial * np.where(swap > 0, swap_floor, rules.deposit_floor)
    deposit = rules.deposit * np.abs(hedge) * (1 + settings.futures.start_basis)
    leverage = 1 / np.where(swap > 0, initial + reserve, 1 + deposit + reserve)
    book = capital * leverage
    weight = np.array([[common_share(one @ one.T, funds.crowding)] for one in books])
    return FuturesFundPopulation(
        book,
        weight * rules.tilt * book,
        (1 - weight) * rules.tilt * book,
        1 + own.astype(np.int64),
        hedge,
        swap,
        initial,
        floor,
        reserve,
        leverage,
        cut_limits(funds, leverage, np.array(borne)),
        watched.astype(np.int64),
        unit_value,
    )


def _draw_fund_numbers(settings: Settings, count: int, seed: int, path: int) -> tuple[FloatArray, ...]:
    """Draw what is each fund's own on one path, every array (funds,)."""
    funds, (low, high) = settings.funds, settings.lines.start
    normals = stream(seed, Purpose.FUTURES_FUNDS, path).standard_normal((count, 2))
    uniforms = stream(seed, Purpose.FUTURES_FUND_LIMITS, path).random((count, 8))
    return (
        np.floor(uniforms[:, 0] * funds.styles),
        np.exp(funds.capital_spread * normals[:, 0]),
        normals[:, 1],
        uniforms[:, 1],
        (uniforms[:, 2] < funds.intraday_share).astype(float),
        low + (high - low) * uniforms[:, 3],
        *uniforms[:, 4:].T,
    )


def _portions(size: FloatArray, swap: FloatArray, swap_share: float) -> FloatArray:
    """Each fund's portion of the capital: by size among its own kind, and kinds by their share."""
    portions = np.zeros_like(size)
    kinds = [(swap > 0, swap_share), (swap == 0, 1 - swap_share)]
    present = [(kind, share) for kind, share in kinds if kind.any()]
    for kind, share in present:
        among = np.where(kind, size, 0)
        portions += among / among.sum(axis=1, keepdims=True) * (share if len(present) > 1 else 1.0)
    return portions
