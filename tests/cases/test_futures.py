"""Futures series as they are sold: main contracts spliced as they stand, adjusted ones, contract by contract."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from cqkit.errors import InputError
from hedging import Terms, contract, hedge
from hedging.contracts import expiry_day
from hedging.futures import contract_month

FOLDER = Path(__file__).parent / "25-futures-roll-gap"
SETTLED = Path(__file__).parent / "42-close-and-settlement"
WINDOW = {"start": "2024-01-02", "end": "2024-06-28"}
# Contract by contract at a discount that closes at 0.12 a year, as in the file.
DISCOUNT = 0.12


def replayed(futures, **terms):
    return hedge(FOLDER / "index.csv", **WINDOW, terms=Terms(futures=futures, **terms))


def figures(comparison):
    full = comparison.results["full"]
    return float(full.undiluted_return[0]), float(full.required_reserve[0])


def said(comparison):
    return " ".join(comparison.series.notes)


@pytest.mark.parametrize("file", ["main-continuous.csv", "ratio-adjusted.csv"])
def test_the_carry_is_no_gain_however_the_series_is_spliced(file):
    undiluted, reserve = figures(replayed(FOLDER / file))
    assert undiluted == pytest.approx(-0.05628, abs=6e-6)
    assert reserve == pytest.approx(0.13394, abs=6e-6)


def test_the_notes_say_how_a_series_was_read():
    main = said(replayed(FOLDER / "main-continuous.csv"))
    assert "main-continuous.csv: read as a main continuous series, not adjusted: 6 gaps at rolls, 2024-01-19" in main
    assert "read as ratio-adjusted" in said(replayed(FOLDER / "ratio-adjusted.csv"))


@pytest.fixture(scope="module")
def contracts():
    """Prices of monthly contracts, a column each."""
    index = pd.read_csv(FOLDER / "index.csv", index_col=0, parse_dates=True)["close"]
    columns = {}
    for month in pd.period_range("2023-09", "2024-12", freq="M"):
        expiry = pd.Timestamp(expiry_day(month.year, month.month, index.index, contract("IF").expiry))
        left = np.asarray((expiry - index.index).days)
        columns[f"IF{month:%y%m}"] = (index * (1 - DISCOUNT * left / 365)).where((left >= 0) & (left < 120))
    return pd.DataFrame(columns)


@pytest.fixture(scope="module")
def by_contract(contracts, tmp_path_factory):
    path = tmp_path_factory.mktemp("wide") / "wide.csv"
    contracts.to_csv(path, index_label="date")
    return figures(replayed(path))


def test_contracts_in_columns_rows_or_files_are_one_hedge(contracts, by_contract, tmp_path):
    long = contracts.rename_axis("trade_date").reset_index().melt("trade_date", var_name="ts_code", value_name="close")
    long = long.dropna()
    long["ts_code"] += ".CFX"
    long["settle"] = long["close"]
    long.to_csv(tmp_path / "long.csv", index=False)
    folder = tmp_path / "IF"
    folder.mkdir()
    for name, prices in contracts.items():
        prices.dropna().rename("close").to_csv(folder / f"{name}.csv", index_label="date")
    for path in (tmp_path / "long.csv", folder):
        assert figures(replayed(path)) == pytest.approx(by_contract, rel=1e-12)
    assert figures(replayed(tmp_path / "long.csv", settle=True)) == pytest.approx(by_contract, rel=1e-12)
    # What the case's own series says, but for its rounding.
    assert by_contract == pytest.approx((-0.0563, 0.1339), abs=5e-4)


def spliced(contracts, early, adjusted=""):
    """One series of the nearest contract, left so many days before its expiry, with or without adjustment."""
    days = contracts.index
    ends = [len(days) - 1 if np.isfinite(column.iloc[-1]) else int(np.flatnonzero(column.notna())[-1])
            for _, column in contracts.items()]  # fmt: skip
    open_at_the_end = [np.isfinite(column.iloc[-1]) for _, column in contracts.items()]
    left = [10**6 if last else end - early for end, last in zip(ends, open_at_the_end, strict=True)]
    held = [next(i for i, end in enumerate(left) if end > day) for day in range(len(days))]
    price = contracts.to_numpy()
    found, off, ratio = np.empty(len(days)), 0.0, 1.0
    for day in range(len(days) - 1, -1, -1):
        if day + 1 < len(days) and held[day] != held[day + 1]:
            new, old = price[day + 1, held[day + 1]], price[day + 1, held[day]]
            off, ratio = off + new - old, ratio * new / old
        found[day] = {"": price[day, held[day]], "difference": price[day, held[day]] + off,
                      "ratio": price[day, held[day]] * ratio}[adjusted]  # fmt: skip
    return pd.Series(found, index=days, name="close").round(2)


@pytest.mark.parametrize(("early", "adjusted"), [(0, ""), (1, ""), (4, ""), (0, "ratio"), (0, "difference")])
def test_one_series_spliced_in_any_way_earns_what_its_contracts_do(contracts, by_contract, tmp_path, early, adjusted):
    spliced(contracts, early, adjusted).to_csv(tmp_path / "one.csv", index_label="date")
    found = replayed(tmp_path / "one.csv")
    assert figures(found) == pytest.approx(by_contract, abs=5e-4)
    assert (f"read as {adjusted}-adjusted" if adjusted else "read as a main continuous series") in said(found)


def test_gaps_are_found_in_noise(contracts, by_contract, tmp_path):
    noisy = spliced(contracts, 3) * (1 + 0.001 * np.random.default_rng(0).standard_normal(len(contracts)))
    noisy.to_csv(tmp_path / "one.csv", index_label="date")
    assert figures(replayed(tmp_path / "one.csv"))[0] == pytest.approx(by_contract[0], abs=0.01)


def test_the_index_itself_has_no_rolls(tmp_path):
    index = pd.read_csv(FOLDER / "index.csv")
    for name, closes in {"same": index["close"], "above": 1.01 * index["close"]}.items():
        index.assign(close=closes).to_csv(tmp_path / f"{name}.csv", index=False)
        found = replayed(tmp_path / f"{name}.csv")
        assert "roll" not in said(found)
        assert figures(found)[0] == pytest.approx(0.0, abs=2e-3)


def test_a_held_contract_without_a_price_is_named(contracts, tmp_path):
    contracts.drop(columns="IF2403").to_csv(tmp_path / "less.csv", index_label="date")
    assert "contracts are up to 2 months apart" in said(replayed(tmp_path / "less.csv"))
    broken = contracts.copy()
    broken.loc["2024-02-06", "IF2402"] = np.nan
    broken.to_csv(tmp_path / "broken.csv", index_label="date")
    with pytest.raises(InputError) as caught:
        replayed(tmp_path / "broken.csv")
    assert caught.value.faults == (
        "broken.csv: 2024-02-06: no price of the contract of 2024-02, which is held on that day",
    )
    contracts.iloc[:, :6].to_csv(tmp_path / "short.csv", index_label="date")
    with pytest.raises(InputError, match=r"short\.csv: no contract to hold from 2024-02-19 on"):
        replayed(tmp_path / "short.csv")


def test_costs_are_paid_at_the_rolls_of_the_file(contracts, tmp_path):
    contracts.to_csv(tmp_path / "wide.csv", index_label="date")
    full = replayed(tmp_path / "wide.csv", cost=0.0001, roll_days_before=2).results["full"]
    # Opened, rolled six times and closed.
    assert (np.diff(full.costs[0], prepend=0.0) > 0).sum() == 8


def test_closes_or_settlement_prices_are_named():
    closes = hedge(SETTLED / "index.csv", **WINDOW, terms=Terms(futures=SETTLED / "futures.csv"))
    settled = hedge(SETTLED / "index.csv", **WINDOW, terms=Terms(futures=SETTLED / "futures.csv", settle=True))
    assert "column close is read; margins are settled at settle: --settle" in said(closes)
    assert "column settle is read" in said(settled)
    assert figures(closes) != figures(settled)
    with pytest.raises(InputError, match="must have settle, as settlement prices are asked for"):
        replayed(FOLDER / "main-continuous.csv", settle=True)
    with pytest.raises(InputError, match="settle: must be left out without a futures series"):
        replayed(None, settle=True)


@pytest.mark.parametrize(
    ("code", "month"),
    [
        ("IF2403", (2024, 3)), ("if2403.CFE", (2024, 3)), ("CFFEX.IF2403", (2024, 3)), ("IF-2403", (2024, 3)),
        ("ESH24", (2024, 3)), ("ESH4", (2024, 3)), ("ESH4=F", (2024, 3)), ("ESZ2024", (2024, 12)),
        ("2024-03", (2024, 3)),
        ("IF202403", (2024, 3)), ("IF9999", None), ("IF8888", None), ("IF00", None), ("close", None), ("volume", None),
        ("IF2413", None), ("000300", None), ("h30533", None), ("IF9603", None),
    ],
)  # fmt: skip
def test_codes_of_contracts(code, month):
    assert contract_month(code, 2024) == month
