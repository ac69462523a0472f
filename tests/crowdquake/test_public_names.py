import pytest

import crowdquake


@pytest.mark.parametrize("name", crowdquake.__all__)
def test_every_public_name_is_there(name):
    assert getattr(crowdquake, name) is not None


def test_what_is_not_public_is_an_attribute_error():
    with pytest.raises(AttributeError, match="nothing_of_the_kind"):
        _ = crowdquake.nothing_of_the_kind


def test_every_public_name_has_a_home():
    assert set(crowdquake._HOMES) | {"charts"} == set(crowdquake.__all__)


def test_the_two_lines_of_the_readme_run(small_file, small_run):
    result = crowdquake.run(small_file, paths=5, seed=13)
    assert result.daily.equals(small_run.daily)
    assert result.summary() == small_run.summary()
