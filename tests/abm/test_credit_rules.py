"""Rules of those on credit, one at a time."""

from __future__ import annotations

import numpy as np
import pytest
from credit_worlds import credit_world
from pydantic import ValidationError
from worlds import trade_silently

from abm import Market, Party, Settings
from abm.books import spread_books

CRASH_DAY, RESCUE_DAY = 5, 14
NOBODY = {"funds": {"capital": 0}, "liquidator": {"size": 0}, "news": []}  # no crowd, no early seller, no news


def played(paths: int = 4, seed: int = 3, **changes) -> Market:
    market = Market(credit_world(**changes), seed=seed, paths=paths)
    market.run(1)
    return market


def assert_same_run(one: Market, other: Market) -> None:
    for (name, mine), (_, theirs) in zip(one.record.columns(), other.record.columns(), strict=True):
        np.testing.assert_array_equal(mine, theirs, err_msg=name)


def test_a_rescue_of_size_0_changes_nothing():
    assert_same_run(played(rescue={"injection": 0.0}), played(rescue={"injection": 0.0, "date": None}))


def test_predators_with_nobody_to_prey_on_lose_money_on_average():
    # The fund is seen to lose and does not sell; once new money has come, all that was sold short is bought back.
    quiet = NOBODY | {"rescue": {"injection": 5.0}, "clock": {"days": 60}}
    alone = played(200, large_fund={"sells": False, "unwinds": None}, predators={"threshold": 0.0}, **quiet)
    book, profit = (alone.record[f"predators_{what}"] for what in ("book", "profit"))
    assert (book.min(axis=1) < 0).mean() > 0.8
    assert np.abs(book[:, -1]).max() < 1e-6
    error = profit[:, -1].std(ddof=1) / np.sqrt(len(profit))
    assert profit[:, -1].mean() < -4 * error


def test_predators_gain_from_a_fund_that_has_to_sell():
    wounded = played(100, rescue={"injection": 0.0})
    assert wounded.record["predators_profit"][:, -1].mean() > 0


def test_predators_sell_with_the_loss_and_cover_once_the_fund_is_sold_out():
    market = played(20, rescue={"injection": 0.0}, large_fund={"unwind_days": 2.0})
    more = market.record
    assert (more["predators_book"][:, RESCUE_DAY - 1] < -0.1).all()
    assert (more["large_fund_assets"][:, RESCUE_DAY + 2] < 1e-9).all()
    assert (more["predators_book"][:, -1] > 0.5 * more["predators_book"][:, RESCUE_DAY + 1]).all()


def test_a_margin_call_is_settled_on_the_next_day_and_no_faster_than_participation():
    market = played(20, large_fund={"unwinds": None, "equity": 0.7}, rescue={"injection": 0.0})
    more, most = market.record, market.settings.large_fund.participation
    first = (more["large_fund_call"] > 0).argmax(axis=1)
    rows = np.arange(20)
    assert (more["large_fund_call"].max(axis=1) > 0).all()
    assert (more["large_fund_sold"][rows, first] == 0).all()
    assert (more["large_fund_sold"][rows, first + 1] > 0).all()
    assert more["large_fund_sold"].max() == pytest.approx(most)


def test_haircuts_go_a_share_of_the_way_at_each_close():
    market = Market(credit_world(news=[{"date": "1998-08-10", "move": -0.005}]))
    settings = market.settings
    trade_silently(market, 1)
    loss = 1 - market.state.credit.fund.equity[0] / settings.large_fund.equity
    change = market.state.baskets.value[0, 0] - 1
    calm = settings.brokers.calm_volatility
    volatility = np.sqrt(0.94 * calm**2 + 0.06 * change**2)
    wanted = 1 + 0.25 * (volatility / calm - 1) + 0.8 * loss
    assert market.record["large_fund_haircut"][0, 0] == pytest.approx(0.012 * (1 + (wanted - 1) / 3))


def test_haircuts_of_no_weight_stay_and_leave_every_limit():
    market = Market(credit_world(brokers={"volatility_weight": 0.0, "credit_weight": 0.0}), seed=3)
    limits = market.state.funds.limit.copy()
    market.run(1)
    assert (market.record["large_fund_haircut"] == 0.012).all()
    np.testing.assert_array_equal(market.state.funds.limit, limits)


def test_a_large_fund_without_equity_is_closed_for_good_and_sold_out_on_its_lenders_account():
    poor = {"equity": 0.4, "unwinds": None}
    market = played(20, large_fund=poor, rescue={"injection": 0.0})
    equity, assets = (market.record[f"large_fund_{what}"] for what in ("equity", "assets"))
    fund = market.state.credit.fund
    gone = fund.closed == 1
    assert gone.any()
    assert (equity >= 0).all()
    assert (equity[gone, equity[gone].argmin(axis=1)] == 0).all()
    assert (equity[gone, -1] == 0).all()
    assert (np.diff(assets[gone], axis=1)[:, CRASH_DAY + 4 :] < 0).all()
    assert (fund.lenders_loss[gone] != 0).all()  # what the account loses from then on, or wins, is his
    assert (fund.lenders_loss[~gone] == 0).all()
    assert market.state.ledger.residual.max() < 1e-9


def test_a_rescue_brings_its_money_and_ends_the_rise_of_haircuts():
    saved, left = played(), played(rescue={"injection": 0.0})
    equity = [market.record["large_fund_equity"] for market in (saved, left)]
    np.testing.assert_array_equal(equity[0][:, :RESCUE_DAY], equity[1][:, :RESCUE_DAY])
    assert (equity[0][:, RESCUE_DAY] - equity[0][:, RESCUE_DAY - 1] > 0.5).all()
    for name in ("large_fund_haircut", "crowd_haircut"):
        assert (np.diff(saved.record[name][:, RESCUE_DAY - 1 :]) <= 1e-15).all()
    assert (np.diff(left.record["large_fund_haircut"][:, RESCUE_DAY - 1 :]) > 0).any()


def test_a_rescue_of_the_crowd_is_shared_by_starting_equity():
    market = Market(credit_world(rescue={"receiver": "funds"}), seed=1)
    start = market.state.funds.equity.copy()
    for _ in range(RESCUE_DAY - 1):
        market.step()
    before = market.state.funds.equity.copy()
    market.step()
    other = Market(credit_world(rescue={"injection": 0.0}), seed=1)
    for _ in range(RESCUE_DAY):
        other.step()
    assert not np.array_equal(before, start)
    np.testing.assert_allclose(market.state.funds.equity - other.state.funds.equity, 0.7 * start / start.sum())


def test_makers_lose_capacity_with_money_and_win_it_back():
    market = played(20, makers={"capital": 0.15, "recovery_days": 3.0}, clock={"days": 60})
    capacity = market.record["makers_capacity"]
    assert (capacity[:, 0] > 0.9).all()
    lowest = capacity.min(axis=1)
    assert (lowest < 0.8).all()
    assert (capacity[:, -1] > lowest + 0.05).all()
    deaf = played(20, makers={"capital": 0.0}, clock={"days": 60})
    assert (deaf.record["makers_capacity"] == 1).all()
    # the same sales move prices further
    assert market.record["mispricing"].min(axis=1).mean() < deaf.record["mispricing"].min(axis=1).mean()


def test_the_short_leg_loses_beside_the_long_one_and_is_called_on():
    market = played(20, large_fund={"short_leg_share": 0.3})
    more = market.record
    crash = slice(CRASH_DAY, CRASH_DAY + 4)
    assert (more["large_fund_short_leg"][:, crash].sum(axis=1) < 0).all()
    both = more["large_fund_long_leg"] + more["large_fund_short_leg"]
    np.testing.assert_allclose(more["large_fund_short_leg"], 0.3 * both, atol=1e-15)
    change = np.diff(more["large_fund_equity"], axis=1, prepend=market.settings.large_fund.equity)
    change[:, RESCUE_DAY] -= market.settings.rescue.injection
    np.testing.assert_allclose(both, change, atol=1e-12)
    assert (more["large_fund_short_call"].sum(axis=1) > 0).all()
    assert (more["large_fund_long_call"].sum(axis=1) > more["large_fund_short_call"].sum(axis=1)).all()


def test_spread_books_are_one_common_book_and_styles_that_have_nothing_in_common():
    books = spread_books(np.random.default_rng(1).standard_normal((4, 12)))
    np.testing.assert_allclose(books[0], 1 / 12)
    np.testing.assert_allclose(books[1:].sum(axis=1), 0, atol=1e-15)
    np.testing.assert_allclose(12 * books @ books.T, np.eye(5), atol=1e-14)


def test_desks_overlap_by_their_crowding():
    settings = credit_world(funds={"count": 200, "crowding": 0.6, "styles": 7})
    market = Market(settings, seed=1)
    assert market.record.overlap[0] == pytest.approx(0.6, abs=0.01)


def test_a_market_without_credit_has_none_of_its_columns(small):
    market = Market(small())
    assert not market.settings.has_credit
    assert not {"large_fund_equity", "crowd_haircut", "makers_capacity"} & set(dict(market.record.columns()))
    assert market.positions()[Party.LARGE_FUND :].max() == 0


def test_no_news_is_a_scale_of_0():
    loud, silent = (Market(credit_world(market={"news_scale": scale}, funds={"capital": 0})) for scale in (2, 0))
    values = []
    for market in (loud, silent):
        stocks, noise = market.state.stocks, market.state.stocks.transient.copy()
        trade_silently(market, CRASH_DAY + 1)
        values.append(np.log(stocks.price) - stocks.displacement - (stocks.transient - noise))
    assert values[0].mean() == pytest.approx(-0.006, rel=1e-3)
    assert values[1].mean() == pytest.approx(0, abs=1e-5)


def test_the_early_seller_begins_on_its_date():
    market = played(1)
    sold = market.record.flows[0, :, 0]
    assert (sold[:2] == 0).all()
    np.testing.assert_allclose(sold[2:8], -2.0 / 6)


WRONG = {
    "predators without prey": ({"large_fund": {"book": 0}}, "needs a large fund to prey on"),
    "a rescue without a date": ({"rescue": {"date": None}}, "needs a date"),
    "a rescue after the end": ({"rescue": {"date": "1999-08-28"}}, "rescue.date = 1999-08-28"),
    "a rescue of nobody": (
        {"large_fund": {"book": 0}, "predators": {"size": 0}},
        "rescue.receiver = 'large_fund': there is none",
    ),
    "an unwinding on a Sunday": ({"large_fund": {"unwinds": "1998-08-30"}}, "large_fund.unwinds = 1998-08-30"),
    "an early seller before the start": ({"liquidator": {"begins": "1998-07-06"}}, "liquidator.begins = 1998-07-06"),
    "less equity than the haircut": ({"large_fund": {"equity": 0.1}}, "must cover the haircut"),
    "more styles than trades": ({"funds": {"styles": 8}}, "must be below 8"),
}


@pytest.mark.parametrize(("changes", "told"), WRONG.values(), ids=WRONG.keys())
def test_what_cannot_be_is_refused(changes, told):
    with pytest.raises(ValidationError, match=told):
        credit_world(**changes)


def test_the_settings_are_those_of_2007_unless_somebody_is_on_credit():
    assert not Settings().has_credit
    assert credit_world().has_credit
