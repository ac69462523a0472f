"""Contracts that do not expire on the third Friday."""

from pathlib import Path

from hedging import Terms, contract, hedge
from hedging.contracts import roll_schedule

FOLDER = Path(__file__).parent / "39-contract-not-on-third-friday"


def test_hang_seng_futures_roll_on_the_second_last_business_day():
    found = hedge(
        FOLDER / "index.csv",
        start="2024-01-02",
        end="2024-06-28",
        terms=Terms(contract=str(FOLDER / "hsi.toml"), roll_spread=0.001),
    )
    rolls = roll_schedule(found.series.dates, contract(FOLDER / "hsi.toml")).rolls
    assert [f"{day:%m-%d}" for day in rolls] == ["01-30", "02-28", "03-28", "04-29", "05-30", "06-27"]
    costs = found.results["full"].roll_costs[0]
    assert (costs[1:] > costs[:-1]).sum() == len(rolls)
