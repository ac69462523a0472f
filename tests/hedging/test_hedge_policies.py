from dataclasses import dataclass
from typing import ClassVar

import pytest

from hedging import FullHedge, HedgePolicy, InputError, make_policy, policy_names, register
from hedging.policies import base


@pytest.fixture
def scratch_register(monkeypatch):
    monkeypatch.setattr(base, "_policies", dict(base._policies))


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


def test_two_policies_cannot_share_a_name(scratch_register):
    with pytest.raises(InputError, match="full: is registered already"):

        @register
        @dataclass(frozen=True)
        class Impostor(FullHedge):
            pass
