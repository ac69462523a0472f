"""What each way of drawing paths is worth for a reserve at a far level, in variance at equal paths (docs/tails.md).

One steered sample says it of all of them: its weights give back what plain paths would have, and other proposals are
ratios of densities. The twin without the liquidator runs on the same paths.

    python benchmarks/tails.py [--scenario china-2024] [--level 0.999] [--paths 400] [--tail-paths 1000] [--seed 1]
        [--book example] [--json]
"""

from __future__ import annotations

import argparse
import json
from typing import Any

import numpy as np

from abm import Market
from abm.steering import market_moves
from cqkit.arrays import FloatArray
from hedging.reserves.weighted import WeightedSample
from scenarios import load_scenario, reserve
from scenarios.ensemble import Case, simulate
from scenarios.reserves.asked import ONE_ACCOUNT
from scenarios.reserves.steering import Pilot, Proposal
from scenarios.twins import without_liquidator

SCENARIO, LEVEL, PATHS, TAIL_PATHS, SEED = "china-2024", 0.999, 400, 1000, 1


def reserve_far_out(tail_paths: int = TAIL_PATHS, paths: int = PATHS, seed: int = SEED, **more: Any) -> dict[str, Any]:
    """The row of the reserve that china-2024's desk needs at 99.9 %, with a synthetic book: a workload of the bench."""
    answered = reserve(
        SCENARIO, book="example", level=LEVEL, paths=paths, tail_paths=tail_paths, seed=seed, crowding=(), **more
    )
    row: dict[str, Any] = answered.reserves.set_index("confidence").loc[LEVEL].to_dict()
    return row


def read(_: str, market: Market) -> tuple[FloatArray, FloatArray]:
    """What the desk's hedge needed on each path, and the index's daily log moves."""
    result = market.desk_result
    assert result is not None
    return result.required_reserve, np.log1p(market.record["index"][:, market.dates.size - result.days :])


def compared(scenario: str, level: float, paths: int, tail_paths: int, seed: int, book: str | None) -> dict[str, float]:
    """Variance of plain paths over that of each way, at equal paths, of the probability of more than the reserve."""
    keys = {**ONE_ACCOUNT, "desk.when_exhausted": "top_up", **({"desk.book": book} if book else {})}
    settings = load_scenario(scenario, keys).settings
    ((required, index),) = _whole({"own": Case(settings)}, paths, seed)
    pilot = Pilot.of(settings, seed, index, required)
    steer, weights = Proposal.of(pilot, level, seed).draw(tail_paths, seed, paths)
    cases = {"own": Case.steered(settings, steer), "twin": Case.steered(without_liquidator(settings), steer)}
    (own, _), (twin, _) = _whole(cases, paths, seed)
    worst, plain = WeightedSample(own, weights).quantile(level), level * (1 - level)
    above, scores = (own > worst.value).astype(np.float64), steer.scores
    moves = market_moves(settings, seed, paths, tail_paths)
    moves += np.outer(scores - moves @ steer.direction, steer.direction)
    rise = (pilot.drift + pilot.gain * np.cumsum(moves[:, -index.shape[1] :], axis=1)).max(axis=1)
    within = np.repeat((above[::2] - above[1::2]) ** 2 / 2, 2)  # variance at a score, as a stratum's two paths tell it
    centre = float((weights * above) @ scores / (weights @ above))
    tilt = np.exp(centre**2 / 2 - centre * scores)  # standard normal over shifted density
    return {
        "reserve": worst.value,
        "twin as control variate": _control(weights, above, (twin > worst.value).astype(np.float64), costs=True),
        "market's highest rise as control variate": max(
            _control(weights, above, (rise > at).astype(np.float64))
            for at in np.quantile(rise, np.linspace(0.1, 0.9, 81))
        ),
        "stratified score": plain / float((weights * within).mean()),
        "shifted score": plain / float((weights * tilt * above).mean() - (1 - level) ** 2),
        "shifted and stratified score": plain / float((weights * tilt * within).mean()),
        "steered (product)": plain / (worst.variance * tail_paths),
        "steered, pilots counted": plain / (worst.variance * (tail_paths + paths)),
        "steered, with that control variate": _with_control(weights, above, rise, plain),
    }


def _whole(cases: dict[str, Case], paths: int, seed: int) -> list[tuple[FloatArray, ...]]:
    found = simulate(cases, read, paths=paths, seed=seed)
    return [tuple(np.concatenate(parts) for parts in zip(*blocks, strict=True)) for blocks in found.values()]


def _control(weights: FloatArray, above: FloatArray, other: FloatArray, *, costs: bool = False) -> float:
    """Worth of a control variate: its probability is known, or costs as many paths as the figure itself."""
    mean, known = float((weights * above).mean()), float((weights * other).mean())
    both = float((weights * above * other).mean())
    first, second = mean * (1 - mean), known * (1 - known)
    share = (both - mean * known) ** 2 / (first * second) if second > 0 else 0.0
    if not costs:
        return 1 / (1 - share)
    # Two levels, each with the paths that are best (Giles 2008): a pair costs two markets, its coarse one a market.
    return 1 / (np.sqrt(2 * (1 - share)) + np.sqrt(share)) ** 2


def _with_control(weights: FloatArray, above: FloatArray, rise: FloatArray, plain: float) -> float:
    """Worth of steered paths with the market's highest rise as control variate inside the strata, the best of many."""
    found = []
    mine = (weights * above)[::2] - (weights * above)[1::2]
    for at in np.quantile(rise, np.linspace(0.1, 0.9, 81)):
        other = (weights * (rise > at))[::2] - (weights * (rise > at))[1::2]
        slope = float(mine @ other / (other @ other)) if (other**2).sum() > 0 else 0.0
        found.append(float(((mine - slope * other) ** 2).sum()))
    return plain * weights.size / min(found)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--scenario", default=SCENARIO)
    parser.add_argument("--level", type=float, default=LEVEL)
    parser.add_argument("--paths", type=int, default=PATHS)
    parser.add_argument("--tail-paths", type=int, default=TAIL_PATHS)
    parser.add_argument("--seed", type=int, default=SEED)
    parser.add_argument("--book")
    parser.add_argument("--json", action="store_true")
    asked = parser.parse_args()
    found = compared(asked.scenario, asked.level, asked.paths, asked.tail_paths, asked.seed, asked.book)
    if asked.json:
        print(json.dumps(found))
        return
    for name, worth in found.items():
        print(f"{name:42} {worth:8.3g}")


if __name__ == "__main__":
    main()
