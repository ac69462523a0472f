import re
from dataclasses import dataclass
from typing import ClassVar

import pytest

from cqkit.errors import InputError
from hedging import (
    FullHedge,
    HedgePolicy,
    PartialHedge,
    make_indicator,
    make_policy,
    make_volatility,
    parse_policy,
    policy_names,
    policy_parameters,
    register,
)
from hedging.policies import POLICIES


@pytest.fixture
def scratch_register():
    with POLICIES.scratch():
        yield


def test_every_registered_policy_can_be_made_by_name():
    assert "full" in policy_names()
    for name in policy_names():
        assert make_policy(name).name == name


def test_full_is_the_full_hedge():
    assert make_policy("full") == FullHedge()


def test_an_unknown_policy_is_answered_with_the_choices():
    with pytest.raises(InputError, match=r"policy = ful: must be one of .*full.*did you mean full\?"):
        make_policy("ful")


def test_an_unknown_parameter_is_answered_with_the_choices(scratch_register):
    @register
    @dataclass(frozen=True)
    class Dial(HedgePolicy):
        name: ClassVar[str] = "dial"
        ratio: float = 1.0

        def contracts(self, view):
            return self.ratio * FullHedge().contracts(view)

    assert make_policy("dial", ratio=0.5) == Dial(0.5)
    with pytest.raises(InputError) as caught:
        make_policy("dial", ration=0.5, colour="red")
    assert caught.value.faults == (
        "policy dial: ration = 0.5: unknown parameter, must be one of ratio (did you mean ratio?)",
        "policy dial: colour = red: unknown parameter, must be one of ratio",
    )
    with pytest.raises(InputError, match="there are none"):
        make_policy("full", ratio=0.5)


def test_parts_of_a_policy_are_given_by_name_with_their_own_parameters():
    assert make_policy("timing", indicator="ema_channel", n=10).indicator == make_indicator("ema_channel", n=10)
    assert make_policy("timing", n=10).indicator == make_indicator("ema_both", n=10)
    assert make_policy("timing", indicator=make_indicator("macd")).indicator == make_indicator("macd")
    assert make_policy("partial", volatility="ewma", decay=0.9).volatility == make_volatility("ewma", decay=0.9)
    assert make_policy("partial", window=60).volatility == make_volatility("rolling", window=60)


def test_the_parameters_of_a_part_belong_to_the_part_chosen():
    with pytest.raises(InputError, match=r"policy timing: n = 10: unknown parameter, .*fast, slow, signal"):
        make_policy("timing", indicator="macd", n=10)
    with pytest.raises(InputError, match=r"indicator = ema_chanel: must be one of .*did you mean ema_channel\?"):
        make_policy("timing", indicator="ema_chanel")
    with pytest.raises(InputError, match=r"volatility ewma: decay = 5.0: must lie between 0 and 1"):
        make_policy("partial", volatility="ewma", decay=5.0)


def test_policies_are_compared_by_their_parameters():
    assert make_policy("partial", lock=0.5) == PartialHedge()
    assert len({make_policy("partial"), PartialHedge(), PartialHedge(lock=0.4)}) == 2


@pytest.mark.parametrize(
    ("text", "label", "policy"),
    [
        ("full", "full", FullHedge()),
        (" full ", "full", FullHedge()),
        ("base=full", "base", FullHedge()),
        ("partial:lock=.4", "partial:lock=.4", PartialHedge(lock=0.4)),
        ("Q=partial:gain=betadyn, lock_rule=daily", "Q", PartialHedge(gain="betadyn", lock_rule="daily")),
        ("MC=partial:method=monte_carlo,draws=50,seed=7", "MC", PartialHedge(method="monte_carlo", draws=50, seed=7)),
        (
            "timing:indicator=donchian,n=9",
            "timing:indicator=donchian,n=9",
            make_policy("timing", indicator="donchian", n=9),
        ),
        ("fast ones=timing:size=spot", "fast ones", make_policy("timing", size="spot")),
    ],
)
def test_a_policy_is_read_as_label_name_and_parameters(text, label, policy):
    assert parse_policy(text) == (label, policy)


@pytest.mark.parametrize(
    ("text", "faults"),
    [
        ("", ["policy = (empty): must be one of .*"]),
        ("Q=", ["policy = (empty): must be one of .*"]),
        ("=full", ["policy =full: the label before = is empty: must be a word"]),
        ("partail", ["policy = partail: must be one of .* (did you mean partial?)"]),
        ("partial:", ["policy partial:: (empty): must be parameter=value, with commas between"]),
        ("partial:gain", ["policy partial:gain: gain: must be parameter=value, with commas between"]),
        ("partial:lock=.4,lock=.5", ["policy partial:lock=.4,lock=.5: lock: occurs twice: must occur once"]),
        (
            "partial:gian=beta",
            ["policy partial: gian = beta: unknown parameter, .* (did you mean gain?)"],
        ),
        ("partial:gain=gamma", ["policy partial: gain = gamma: must be one of beta, betadyn.*"]),
        ("partial:lock=half", ["policy partial: lock = half: must be a number"]),
        ("partial:draws=1e3", ["policy partial: draws = 1e3: must be a whole number"]),
        (
            "partial:confidence=90",
            ["policy partial: confidence = 90.0: must lie between 0 and 1 .*"],
        ),
        ("partial:lock=", ["policy partial: lock = (empty): must be a number"]),
        (
            "partial:lock=half,volatility=rolling,window=x,gain=gamma",
            ["policy partial: lock = half: must be a number", "policy partial: gain = gamma: must be one of .*"],
        ),
        ("partial:window=x", ["volatility rolling: window = x: must be a whole number"]),
    ],
)
def test_what_cannot_be_read_is_named(text, faults):
    with pytest.raises(InputError) as caught:
        parse_policy(text)
    assert len(caught.value.faults) == len(faults)
    for found, expected in zip(caught.value.faults, faults, strict=True):
        assert re.fullmatch(".*".join(map(re.escape, expected.split(".*"))), found), found


def test_defaults_are_shown():
    assert policy_parameters("full") == {}
    assert policy_parameters("partial")["loss_limit"] == 0.05
    with pytest.raises(InputError, match="did you mean"):
        policy_parameters("fulll")


def test_two_policies_cannot_share_a_name(scratch_register):
    with pytest.raises(InputError, match="full: is registered already"):

        @register
        @dataclass(frozen=True)
        class Impostor(FullHedge):
            pass
