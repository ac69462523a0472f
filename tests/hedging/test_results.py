"""What hedging finds, in the form that all results have: tables by file, JSON, and how it came about."""

import hashlib

import pytest

import hedging
from cqkit.plain import to_json
from cqkit.results import InFormats, Result


@pytest.fixture(scope="module")
def example(tmp_path_factory):
    return hedging.write_example(tmp_path_factory.mktemp("example"))


@pytest.fixture(scope="module")
def comparison(example):
    index, fund = example
    terms = hedging.Terms(cost=0.001)
    window = {"start": "2007-06-29", "end": "2007-09-28"}
    return hedging.hedge(index, fund, policies=["full", "partial"], **window, reserve=0.3, terms=terms)


@pytest.fixture(scope="module")
def study(example):
    return hedging.hedge_reserve(model="bootstrap", paths=40, days=10, seed=3, index=example[0])


def test_a_comparison_is_a_result(example, comparison):
    assert isinstance(comparison, Result)
    assert isinstance(comparison, InFormats)
    accounts = comparison.tables()["accounts"]
    assert (accounts.columns[0], accounts.columns[-1]) == ("day", "policy")
    assert len(accounts) == 2 * len(comparison.series.dates)
    assert comparison.manifest["overrides"] == {"cost": 0.001, "reserve": 0.3}
    digests = [hashlib.sha256(path.read_bytes()).hexdigest() for path in example]
    assert [comparison.manifest["inputs"][what]["sha256"] for what in ("index", "spot")] == digests
    assert "seed" not in comparison.manifest
    to_json([comparison.as_json(), comparison.manifest])


def test_a_reserve_study_is_a_result(example, study):
    assert isinstance(study, Result)
    assert list(study.tables()) == ["reserves", "calls", "dilution"]
    assert (study.manifest["seed"], study.manifest["paths"]) == (3, 40)
    assert study.manifest["inputs"]["index"]["file"] == example[0].name
    to_json([study.as_json(), study.manifest])


def test_a_replication_is_a_result():
    found = hedging.replicate_report()
    assert isinstance(found, Result)
    assert len(found.tables()["table"]) == len(found.rows)
    assert set(found.manifest["series"]) == {"2007-08", "2005"}
    to_json([found.as_json(), found.manifest])
