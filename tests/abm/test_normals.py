"""The market's own normals: Philox against its published answers, and numbers that are normal and independent."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from scipy import stats

from abm.normals import LANES, Key, draw_normals, random_words
from abm.randomness import DayNoise, Purpose, key_of, normals_of, stream, uniforms_of
from cqkit.arrays import FloatArray

KEY = key_of(1)
MANY = 400_000


def normals(count: int, key: Key = KEY, day: int = 0, path: int = 0, purpose: int = 6) -> FloatArray:
    """The first numbers of a stream, in double precision."""
    out = np.empty(count, np.float32)
    draw_normals(key, day, path, purpose, out)
    return out.astype(float)


@pytest.mark.parametrize(
    ("key", "counter", "answer"),
    [
        ((0, 0), (0, 0, 0, 0), "6627e8d5 e169c58d bc57ac4c 9b00dbd8"),
        ((0xFFFFFFFF,) * 2, (0xFFFFFFFF,) * 4, "408f276d 41c83b0e a20bc7c6 6d5451fd"),
        (
            (0xA4093822, 0x299F31D0),
            (0x243F6A88, 0x85A308D3, 0x13198A2E, 0x03707344),
            "d16cfe09 94fdcceb 5001e420 24126ea1",
        ),
    ],
)
def test_words_are_philox(key: Key, counter: tuple[int, int, int, int], answer: str) -> None:
    """Known answers of Philox4x32-10 from the authors' Random123."""
    words = np.empty((4, LANES), np.uint32)
    random_words(key, *counter, words)
    assert " ".join(f"{word:08x}" for word in words[:, 0]) == answer


def test_normals_are_box_and_muller_of_the_words() -> None:
    """To 2e-6, what single precision leaves at five standard deviations, in the order that the module states."""
    words = np.empty((4, LANES), np.uint32)
    expected = []
    for chunk in range(3):
        random_words(KEY, chunk * LANES, 9, 8, 6, words)
        for first, second in (words[:2], words[2:]):
            radius = np.sqrt(-2 * np.log(((first >> 1) + 0.5) * 2.0**-31))
            angle = 2 * np.pi * second / 2.0**32 - np.pi / 4
            expected += [radius * np.cos(angle), radius * np.sin(angle)]
    expected_here = np.concatenate(expected)[:1300]
    assert normals(1300, day=9, path=8) == pytest.approx(expected_here, abs=2e-6)


def test_a_longer_stream_begins_like_a_shorter_one() -> None:
    assert np.array_equal(normals(5000)[:777], normals(777))


def test_moments_and_distribution() -> None:
    """Mean, variance, skewness and kurtosis within four standard errors, and Kolmogorov and Smirnov's distance."""
    drawn = normals(MANY)
    z = [
        drawn.mean() * np.sqrt(MANY),
        (drawn.var() - 1) * np.sqrt(MANY / 2),
        stats.skew(drawn) * np.sqrt(MANY / 6),
        stats.kurtosis(drawn) * np.sqrt(MANY / 24),
    ]
    assert np.abs(z).max() < 4
    assert stats.kstest(drawn, "norm").pvalue > 1e-3


def test_tails_are_those_of_a_normal() -> None:
    """Numbers beyond three, four and 4.5 standard deviations: as many as there should be, on both sides alike."""
    drawn = np.concatenate([normals(MANY, day=day) for day in range(25)])
    for beyond in (3.0, 4.0, 4.5):
        expected = len(drawn) * stats.norm.sf(beyond)
        for found in ((drawn > beyond).sum(), (drawn < -beyond).sum()):
            assert abs(found - expected) < 4 * np.sqrt(expected), beyond


def test_streams_do_not_know_each_other() -> None:
    """No correlation, of numbers or of their squares, between lanes, chunks, days, paths, purposes and seeds."""
    whole = normals(MANY // 4)
    others = {
        "day": normals(whole.size, day=1),
        "path": normals(whole.size, path=1),
        "purpose": normals(whole.size, purpose=7),
        "seed": normals(whole.size, key=key_of(2)),
        **{f"lag {lag}": np.roll(whole, lag) for lag in (1, 2, LANES, 2 * LANES, 3 * LANES, 4 * LANES)},
    }
    for name, other in others.items():
        for power in (1, 2):
            correlation = np.corrcoef(whole**power, other**power)[0, 1]
            assert abs(correlation) * np.sqrt(whole.size) < 4.5, name


def test_lanes_are_uncorrelated_across_paths() -> None:
    """The largest of 1,770 correlations between first numbers over 20,000 paths is below five standard errors."""
    over_paths = np.array([normals(60, path=path) for path in range(20_000)])
    correlations = np.corrcoef(over_paths.T) - np.eye(60)
    assert np.abs(correlations).max() * np.sqrt(20_000) < 5


def test_a_day_is_a_function_of_seed_path_and_day() -> None:
    """Whatever was drawn before; the futures' own noise is drawn where it is read, and shares nothing with the rest."""
    noise, again = DayNoise.empty(13, 5, 60), DayNoise.empty(13, 5, 60)
    noise.draw(3, 7, 11, futures=True)
    again.draw(3, 8, 11)
    again.draw(3, 7, 11)
    for part in ("common", "own", "transient"):
        assert np.array_equal(getattr(noise, part), getattr(again, part))
    assert not again.futures.any()
    assert noise.futures.all()
    first = [float(part.flat[0]) for part in noise]
    assert len(set(first)) == len(first)


@pytest.mark.parametrize("seed", [0, 1, 2**40, 2**70])
def test_any_whole_number_is_a_seed(seed: int) -> None:
    assert all(0 <= word < 2**32 for word in key_of(seed))


@pytest.mark.parametrize(("draw", "numbers"), [(normals_of, "standard_normal"), (uniforms_of, "random")])
def test_what_markets_share_is_each_path_s_own_and_cannot_be_written_in(
    draw: Callable[..., FloatArray], numbers: str
) -> None:
    found = draw(5, Purpose.FUNDS, 3, (4, 6, 2))
    for row, path in enumerate(found):
        np.testing.assert_array_equal(path, getattr(stream(5, Purpose.FUNDS, 3 + row), numbers)((6, 2)))
    with pytest.raises(ValueError, match="read-only"):
        found[0, 0, 0] = 1.0
