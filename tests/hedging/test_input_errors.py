import pickle

import pytest

from cqkit.errors import CrowdquakeError, InputError, raise_faults


def test_an_input_error_has_one_line_per_fault():
    error = InputError("a = 1: must be 2", "b = 3: must be 4")
    assert error.faults == ("a = 1: must be 2", "b = 3: must be 4")
    assert str(error) == "a = 1: must be 2\nb = 3: must be 4"
    assert isinstance(error, CrowdquakeError)
    assert isinstance(error, ValueError)


def test_an_input_error_comes_back_whole_from_a_worker():
    error = pickle.loads(pickle.dumps(InputError("a", "b")))
    assert error.faults == ("a", "b")


def test_many_faults_are_counted_rather_than_listed():
    with pytest.raises(InputError) as caught:
        raise_faults([f"fault {number}" for number in range(25)])
    assert caught.value.faults == (*(f"fault {number}" for number in range(10)), "and 15 more")


def test_no_faults_raise_nothing():
    raise_faults([])
