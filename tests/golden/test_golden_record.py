"""The golden record itself: it names every case, and tells what has moved."""

import json

import numpy as np
import pytest
from golden import ALLOWED, ELSEWHERE, Allowance, Record, as_array, differences, keep, read_record
from golden_hedges import HEDGES
from golden_runs import MARKETS, SCENARIOS
from golden_studies import STUDIES

from scenarios import scenario_names

VALUES = np.linspace(-1, 2, 100).reshape(20, 5)


def told(now, *, exact=True, allowed=None):
    record = Record({}, {"case": {"values": keep(VALUES)}})
    return differences("case", now, record, exact=exact, allowed=allowed or {})


def test_every_scenario_and_every_case_is_recorded():
    assert set(scenario_names()) == set(SCENARIOS)
    assert read_record().cases.keys() == {*SCENARIOS, *MARKETS, *STUDIES, *HEDGES}


def test_what_is_allowed_to_move_is_recorded_small_and_has_a_reason():
    known = {f"{case}/{name}" for case, arrays in read_record().cases.items() for name in arrays}
    for reason, item in json.loads(ALLOWED.read_text(encoding="utf-8")).items():
        assert set(item["digests"]) <= known
        assert 0 < item["tolerance"] <= ELSEWHERE
        assert reason.strip()


def test_a_moved_bit_is_told_where_bits_are_held_and_borne_elsewhere_or_where_allowed():
    moved = VALUES.copy()
    moved[7, 3] = np.nextafter(moved[7, 3], 9)
    assert told({"values": VALUES, "new": VALUES}) == []
    assert [line.partition(";")[0] for line in told({"values": moved})] == ["case/values: another digest"]
    assert told({"values": moved}, exact=False) == []
    assert told({"values": moved}, allowed={"case/values": Allowance(1e-12, keep(moved).digest)}) == []
    assert told({"values": moved + 1e-9}, allowed={"case/values": Allowance(1e-12, keep(moved + 1e-9).digest)}) != []
    assert told({"values": VALUES}, allowed={"case/values": Allowance(1e-12, keep(moved).digest)}) != []


@pytest.mark.parametrize("change", [1e-6, np.nan])
@pytest.mark.parametrize("place", [0, 1, 50, 99])
def test_a_real_change_is_told_everywhere(change, place):
    moved = VALUES.copy()
    moved.flat[place] += change
    (line,) = told({"values": moved}, exact=False)
    assert line.startswith("case/values: further than 1e-10; largest difference in the sample")


def test_what_is_gone_or_has_another_size_is_told():
    assert told({}) == ["case/values: is gone"]
    assert told({"values": VALUES[1:]}, exact=False) == ["case/values: 95 values, recorded 100"]


def test_columns_of_every_type_become_numbers():
    assert as_array([-0.0]).tobytes() == as_array([0.0]).tobytes()
    assert as_array([-np.nan]).tobytes() == as_array([None]).tobytes()
    assert as_array([True, False]).tolist() == [1, 0]
    assert as_array(np.array(["2007-08-06"], dtype="datetime64[ns]")).tolist() == [1186358400]
    assert as_array(["main", "twin", "main"]).tolist()[::2] == [as_array(["main"]).item()] * 2
