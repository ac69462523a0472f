import dataclasses
from datetime import date

import pandas as pd
import pytest

from cqkit.errors import InputError
from hedging import IF, FuturesContract
from hedging.contracts.files import contract, contract_names, example_contract
from hedging.contracts.specification import CERTAINTIES, ContractRule

OWN = 'name = "MY"\nmultiplier = 100\ncurrency = "CNY"\ninitial_margin = 0.12\n'


@pytest.fixture
def own(tmp_path):
    """Write a contract file and return its path."""

    def write(text):
        path = tmp_path / "my.toml"
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        return path

    return write


def faults(path):
    with pytest.raises(InputError) as caught:
        contract(path)
    return caught.value.faults


def test_china_s_four_contracts_the_e_mini_and_the_report_s_terms_come_with_the_package():
    assert contract_names() == ("ES", "IC", "IF", "IF-2008-report", "IH", "IM")
    for name in contract_names():
        assert contract(name).name == name


def test_the_report_s_terms_stay_the_default_and_are_not_the_exchange_s():
    assert contract("IF-2008-report") is IF
    assert (IF.initial_margin, IF.multiplier, IF.maintenance_ratio, IF.rules) == (0.10, 300, None, ())
    assert contract("IF").rules


def test_every_term_and_rule_carries_its_label_and_source():
    for name in contract_names():
        listed = contract(name)
        for labelled in (listed, *listed.rules):
            assert labelled.certainty in CERTAINTIES
            assert labelled.source
        assert listed.margin_certainty in CERTAINTIES
        assert listed.margin_source


def test_only_what_is_labelled_v_is_verified_and_memory_is_never_a_source_for_it():
    rules = [rule for name in contract_names() for rule in contract(name).rules]
    assert {rule.certainty for rule in rules if rule.verified} == {"V"}
    assert not any("memory" in rule.source for rule in rules if rule.verified)


@pytest.mark.parametrize(
    ("day", "margin", "for_hedgers"),
    [
        ("2014-08-31", 0.12, 0.12),
        ("2014-09-01", 0.10, 0.10),
        ("2015-08-25", 0.10, 0.10),
        ("2015-08-26", 0.12, 0.10),
        ("2015-08-27", 0.15, 0.10),
        ("2015-08-28", 0.20, 0.10),
    ],
)
def test_the_verified_margins_of_if_are_those_of_their_dates(day, margin, for_hedgers):
    listed = contract("IF")
    assert listed.margin_on(date.fromisoformat(day)) == margin
    assert listed.margin_on(date.fromisoformat(day), hedging=True) == for_hedgers


def test_no_margin_is_from_memory():
    for name in contract_names():
        listed = contract(name)
        sure = [listed.margin_certainty, *(rule.certainty for rule in listed.rules if rule.initial_margin is not None)]
        assert set(sure) <= {"V", "V2", "C"}, name


@pytest.mark.parametrize(
    ("name", "day", "margin", "for_hedgers"),
    [
        ("IH", "2015-08-27", 0.15, 0.10),
        ("IC", "2015-08-28", 0.10, 0.10),  # long positions alone were asked for more
        ("IC", "2015-09-07", 0.40, 0.20),
        ("IC", "2017-02-17", 0.30, 0.20),
        ("IF", "2017-09-18", 0.15, 0.15),
        ("IC", "2018-12-03", 0.15, 0.15),
        *((name, "2024-09-30", 0.12, 0.12) for name in ("IF", "IH", "IC", "IM")),
    ],
)
def test_margins_are_those_of_the_exchanges_notices(name, day, margin, for_hedgers):
    listed = contract(name)
    assert listed.margin_on(date.fromisoformat(day)) == margin
    assert listed.margin_on(date.fromisoformat(day), hedging=True) == for_hedgers


def test_ic_asked_12_percent_from_22_april_2019_on():
    rule = contract("IC").in_force("initial_margin", date(2019, 4, 22))
    assert (rule.initial_margin, rule.verified) == (0.12, True)


def test_margins_on_dates_are_an_array_for_a_replay():
    dates = pd.DatetimeIndex(["2015-08-25", "2015-08-26", "2015-08-27", "2015-08-28"])
    assert contract("IF").margins_on(dates).tolist() == [0.10, 0.12, 0.15, 0.20]
    assert IF.margins_on(dates).tolist() == [0.10] * 4


def test_before_its_launch_a_contract_has_no_margin():
    with pytest.raises(InputError, match="contract IF: 2007-06-29: no margin is known before its launch on 2010-04-16"):
        contract("IF").margin_on(date(2007, 6, 29))


def test_a_term_stays_in_force_until_another_rule_sets_it():
    listed = contract("IF")
    assert listed.in_force("daily_lots", date(2015, 9, 6)).daily_lots == 600
    assert listed.in_force("daily_lots", date(2016, 9, 6)).daily_lots == 10
    assert listed.in_force("intraday_fee", date(2015, 9, 6)) is None
    assert listed.in_force("minimum_margin", date(2030, 1, 1)).minimum_margin == 0.08
    with pytest.raises(InputError, match="term = fee: must be one of initial_margin, "):
        listed.in_force("fee", date(2015, 9, 6))


def test_the_rules_of_a_window_are_those_in_force_at_its_start_and_those_that_come():
    rules = contract("IF").rules_between(date(2015, 1, 5), date(2015, 8, 27))
    assert [str(rule.start) for rule in rules] == ["2014-09-01", "2015-08-26", "2015-08-27"]
    assert contract("IF").rules_between(date(2010, 5, 4), date(2010, 6, 1)) == ()


def test_the_example_is_a_contract_file(own):
    example = contract(own(example_contract()))
    assert (example.name, example.maintenance_ratio) == ("MY", 0.75)
    assert example.margin_on(date(2024, 2, 4)) == 0.12
    assert example.margin_on(date(2024, 2, 5)) == 0.15
    assert example.margin_on(date(2024, 2, 5), hedging=True) == 0.12
    # It shows every key there is.
    assert all(field.name in example_contract() for field in dataclasses.fields(FuturesContract)[:14])


def test_four_lines_are_a_contract(own):
    assert contract(own(OWN)) == FuturesContract("MY", 100, 0.12, "CNY")
    assert contract(str(own("\ufeff" + OWN))) == FuturesContract("MY", 100, 0.12, "CNY")


@pytest.mark.parametrize(
    ("line", "fault"),
    [
        ("tick = -0.2", "tick = -0.2: must be 0 or more, and finite"),
        ('tick = "small"', "tick = small: must be 0 or more, and finite"),
        ("maintenance_ratio = 75", "maintenance_ratio = 75: must lie above 0 and at most 1 (a share of the initial"),
        ("maintenance_ratio = true", "maintenance_ratio = True: must lie above 0"),
        (
            'expiry = "fifth-friday"',
            "expiry = fifth-friday: must be one of third-friday-or-next, third-friday-or-previous",
        ),
        ("months_listed = 1.5", "months_listed = 1.5: must be a whole number, 0 or more"),
        ("months_listed = 0\nquarters_listed = 0", "quarters_listed = 0: must be at least 1 where months_listed is 0"),
        ('launched = "2020"', "launched = 2020: must be a date, YYYY-MM-DD"),
        ("launched = 2020-01-02T09:30:00", "launched = 2020-01-02 09:30:00: must be a date, YYYY-MM-DD"),
        ("certainty = []", "certainty = []: must be one of V, V2, C, M-hi, M-med, M-lo, or left out"),
        ("expiry = [1]", "expiry = [1]: must be one of third-friday-or-next"),
        ("tick = 1" + 400 * "0", "tick = 1" + 39 * "0" + ": must be 0 or more, and finite"),
        ("months_listed = 1000000000", "months_listed = 1000000000: must be a whole number, 0 or more, up to 120"),
        ('certainty = "sure"', "certainty = sure: must be one of V, V2, C, M-hi, M-med, M-lo, or left out"),
        ("maintenence_ratio = 0.7", "maintenence_ratio = 0.7: unknown key, must be one of name, "),
        ("rules = 3", "rules = 3: must be tables, each headed [[rules]]"),
        ("[[rules]]\ninitial_margin = 0.2", "rules 1: from = (missing): must be a date, YYYY-MM-DD"),
        ("[[rules]]\nfrom = 2024-01-01\ninitial_margin = 20", "rules 1: initial_margin = 20: must lie above 0"),
        ("[[rules]]\nfrom = 2024-01-01\nfee = 20", "rules 1: fee = 20: unknown key, must be one of from, initial"),
        (
            "[[rules]]\nfrom = 2024-01-01\nhedging_margin = 0.2",
            "rules 1: hedging_margin = 0.2: must stand beside an initial_margin",
        ),
        (
            "[[rules]]\nfrom = 2024-01-02\n[[rules]]\nfrom = 2024-01-01",
            "rules 2: from = 2024-01-01: must not be before the 2024-01-02 above it: sort",
        ),
        (
            "[[rules]]\nfrom = 2024-01-02\ndaily_lots = 1\n[[rules]]\nfrom = 2024-01-02\ndaily_lots = 2",
            "rules 2: daily_lots = 2: is set on 2024-01-02 already: keep one of them",
        ),
    ],
)
def test_a_wrong_line_is_named_with_file_key_found_and_allowed(own, line, fault):
    (found,) = faults(own(OWN + line))
    assert found.startswith(f"my.toml: {fault}")


def test_what_is_missing_is_named_all_at_once(own):
    assert [fault.split(" = ")[0] for fault in faults(own("tick = 0.2"))] == [
        f"my.toml: {key}" for key in ("name", "multiplier", "initial_margin", "currency")
    ]


def test_a_misspelt_key_is_answered_with_the_likeliest(own):
    assert faults(own(OWN + "maintenence_ratio = 0.7"))[0].endswith("(did you mean maintenance_ratio?)")


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("name = ", "my.toml: is not TOML: Invalid value (at end of document)"),
        ("name = 'é'".encode("latin-1"), "my.toml: byte 8: must be text in UTF-8: save the file in UTF-8"),
    ],
)
def test_what_is_no_toml_is_no_traceback(own, text, fault):
    assert faults(own(text)) == (fault,)


def test_a_file_that_is_not_there_or_is_a_folder_is_named(tmp_path):
    assert faults(tmp_path / "none.toml") == ("none.toml: no such file: must be a TOML file that describes a contract",)
    assert faults(tmp_path)[0].startswith(f"{tmp_path.name}: cannot be read (")


def test_an_unknown_name_is_answered_with_the_choices():
    with pytest.raises(InputError) as caught:
        contract("if")
    assert str(caught.value) == (
        "contract = if: must be one of ES, IC, IF, IF-2008-report, IH, IM, or a file that ends in .toml "
        "(did you mean IF?)"
    )


def test_rules_made_in_python_obey_the_same_laws():
    with pytest.raises(InputError, match="rule from 2024-01-01: initial_margin = 20: must lie above 0"):
        ContractRule(date(2024, 1, 1), initial_margin=20)
    late, early = ContractRule(date(2024, 1, 2)), ContractRule(date(2024, 1, 1))
    with pytest.raises(InputError, match="contract X: rules 2: from = 2024-01-01: must not be before"):
        FuturesContract("X", 1.0, 0.1, "USD", rules=(late, early))
