import pytest

from scenarios import load_scenario
from scenarios.attribution.mechanisms import mechanisms, without

NAMES = (
    *("fundamentals", "liquidator", "rebalancing", "forced_sales", "own_rule", "futures", "state_buying"),
    *("margin_rises", "desk_impact", "reentry", "opportunists", "index_sector", "redemptions", "large_fund"),
    *("lenders", "rules", "other"),
)
BARE = {"counterfactual": [], "sensitivity": [], "target": []}
STATE = {"date": "2007-08-07", "move": 0.01, "cause": "state_buying"}
NEWS = {"date": "2007-08-07", "move": -0.01}

# A market in which everything is on.
FULL = BARE | {
    "futures.volume": 0.3,
    "funds.kind": {"long_short": 0.5, "futures": 0.5},
    "liquidator.kind": "futures",
    "futures.margin_reaction": 0.5,
    "futures.swap_margin_reaction": 0.5,
    "redemptions.sensitivity": 1.0,
    "opportunists.capital": 0.3,
    "desk.price_taker": False,
    "large_fund.book": 0.5,
    "makers.capital": 1.0,
    "market.price_limit": 0.1,
    "futures.price_limit": 0.1,
    "futures_funds.transfer_days": 1.0,
    "halt": [{"date": "2007-08-07", "share": 0.3}],
    "news": [STATE, NEWS],
}
STILL = {"market.fundamentals": False, "news": [STATE]}
LONG_SHORT, HEDGED = {"funds.kind": "long_short"}, {"funds.kind": "futures"}
NO_RULES = {"market.price_limit": 0, "futures.price_limit": 0, "futures_funds.transfer_days": 0, "halt": []}
NO_MARKET = {"futures.volume": 0, "liquidator.kind": "long_short", "desk.price_taker": True} | LONG_SHORT

# What makes a mechanism impossible, judged by the settings alone.
OFF = {
    "no news of that cause": ("fundamentals", STILL),
    "news that moves nothing": ("fundamentals", STILL | {"news": [STATE, NEWS | {"move": 0}]}),
    "nobody liquidates": ("liquidator", {"liquidator.size": 0}),
    "long-short funds trade nothing of their own accord": ("rebalancing", LONG_SHORT),
    "futures funds keep still": ("rebalancing", HEDGED | {"futures_funds.restoring": 0, "futures_funds.rehedging": 0}),
    "no crowd rebalances": ("rebalancing", {"funds.capital": 0}),
    "nobody is forced": ("forced_sales", {"funds.forced_sales": False}),
    "no crowd is forced": ("forced_sales", {"funds.capital": 0}),
    "a rule that asks for nothing": ("own_rule", {"funds.severity": [0, 0]}),
    "no crowd has a rule": ("own_rule", {"funds.capital": 0}),
    "a rule that nobody keeps": ("own_rule", {"funds.forced_sales": False}),
    "no futures market": ("futures", NO_MARKET),
    "futures that nothing moves": ("futures", {"futures.impact": 0, "futures.arbitrage": 0}),
    "futures that nobody trades": (
        "futures",
        LONG_SHORT | {"liquidator.kind": "long_short", "desk.price_taker": True},
    ),
    "no state": ("state_buying", {"news": [NEWS]}),
    "margins that keep still": ("margin_rises", {"futures.margin_reaction": 0, "futures.swap_margin_reaction": 0}),
    "no swaps": ("margin_rises", LONG_SHORT | {"futures.margin_reaction": 0}),
    "no margins": ("margin_rises", NO_MARKET),
    "a desk that takes prices": ("desk_impact", {"desk.price_taker": True}),
    "nobody comes back": ("reentry", {"funds.reentry_share": 0}),
    "nobody was ever cut": ("reentry", {"funds.forced_sales": False}),
    "no opportunists": ("opportunists", {"opportunists.capital": 0}),
    "no sector": ("index_sector", {"index_sector.holding": 0}),
    "investors stay": ("redemptions", {"redemptions.sensitivity": 0}),
    "no investors": ("redemptions", LONG_SHORT),
    "no large fund": ("large_fund", {"large_fund.book": 0}),
    "lenders who never move": ("lenders", {"makers.capital": 0}),
    "an exchange without rules": ("rules", NO_RULES),
    "rules of futures that are not there": ("rules", NO_MARKET | {"market.price_limit": 0, "halt": []}),
    "no scale of news": ("state_buying", {"market.news_scale": 0}),
    "no spread, no noise": ("other", {"impact.half_spread": 0, "futures.noise": 0}),
    "noise of futures that are not there": ("other", NO_MARKET | {"impact.half_spread": 0}),
}


@pytest.fixture(scope="module")
def settings(small_file):
    def make(changes):
        return load_scenario(small_file, FULL | changes).settings

    return make


def on(settings):
    return [item.name for item in mechanisms() if item.is_on(settings)]


def test_mechanisms_come_in_the_order_of_the_story_each_with_a_title():
    assert tuple(item.name for item in mechanisms()) == NAMES
    assert len({item.title for item in mechanisms()}) == len(NAMES)


def test_all_are_on_where_all_is_there(settings):
    assert tuple(on(settings({}))) == NAMES


@pytest.mark.parametrize(("name", "changes"), OFF.values(), ids=OFF)
def test_a_mechanism_is_off_where_it_cannot_act(settings, name, changes):
    assert name not in on(settings(changes))


@pytest.mark.parametrize("mechanism", mechanisms(), ids=lambda item: item.name)
def test_switched_off_it_is_off_and_takes_nothing_along_that_could_act_without_it(settings, mechanism):
    whole = settings({})
    gone = set(NAMES) - set(on(mechanism.off(whole)))
    assert gone == {mechanism.name} | ({"own_rule", "reentry"} if mechanism.name == "forced_sales" else set())
    assert mechanism.off(mechanism.off(whole)) == mechanism.off(whole)


def test_the_starting_basis_and_the_desk_s_book_are_left_when_all_else_is_off(settings):
    bare = without(settings({"futures.start_basis": -0.01}), mechanisms())
    assert on(bare) == []
    assert bare.futures.start_basis == -0.01
    assert bare.desk.size > 0


def test_sets_that_come_to_the_same_market_have_the_same_settings(settings):
    by_name = {item.name: item for item in mechanisms()}
    forced, coming_back, rule = (by_name[name] for name in ("forced_sales", "reentry", "own_rule"))
    whole = settings({})
    assert without(whole, [forced]) == without(whole, [forced, coming_back]) == without(whole, [forced, rule])
    assert without(whole, []) == without(whole, [])
    assert without(whole, [coming_back]) != without(whole, [forced])
