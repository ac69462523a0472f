"""Books of holdings: what is read, what is said of it, and what is told with its row."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cqkit.errors import InputError
from hedging.holdings import SAMPLE, match_tickers, read_book, read_books
from hedging.holdings.history import read_history


@pytest.fixture
def book(tmp_path):
    def made(text, name="book.csv", **options):
        (tmp_path / name).write_text(text, encoding="utf-8")
        return read_book(tmp_path / name, **options)

    return made


@pytest.fixture
def faults(book):
    def told(text, **options):
        with pytest.raises(InputError) as caught:
            book(text, **options)
        return caught.value.faults

    return told


def said(found, words):
    return [note for note in found.notes if words in note]


def test_the_sample_is_synthetic_and_worth_100_million():
    found = read_book("example")
    assert SAMPLE.read_text(encoding="utf-8").startswith("# Synthetic sample book")
    assert len(found.tickers) == 60
    assert found.total == pytest.approx(100e6)
    assert found.currency == "CNY"
    for known in (found.price, found.adv, found.volatility, found.beta, found.index_weight):
        assert np.isfinite(known).all()


@pytest.mark.parametrize(
    "header",
    [
        "ticker,shares,price",
        "Symbol,Quantity,Last Price",
        "证券代码,持仓数量,收盘价",
        "股票代码,持仓,现价",
        "WKN,Stück,Kurs",
    ],
)
def test_columns_go_by_the_names_of_the_usual_sources(book, header):
    found = book(f"{header}\nAAA,100,2.5\nBBB,-40,10\n")
    np.testing.assert_array_equal(found.value, [250, -400])
    np.testing.assert_array_equal(found.price, [2.5, 10])
    assert said(found, "1 of 2 positions are short")


def test_preamble_total_footer_blank_and_cash_are_no_stocks(book):
    found = book(
        "Example fund\nHoldings as of,2024-03-28\n\nTicker,Name,Asset Class,Market Value,Weight (%)\n"
        'AAA,A Corp,Equity,"1,234,567.00",61.00\nBBB,B Corp,Equity,"700,000",38\nCCC,C Corp,Equity,,\n'
        "-,USD CASH,Cash,20000,1.00\nESH4,Future,Futures,5000,0\nTotal,,,1959567,100\nAll figures are unaudited.\n"
    )
    assert found.tickers == ("AAA", "BBB")
    np.testing.assert_array_equal(found.value, [1_234_567, 700_000])
    assert found.cash == 20_000
    assert said(found, "names of columns are in row 4")
    assert said(found, "row 7 left out: no size in it")
    assert said(found, "row 9 left out: futures, options")
    assert said(found, "row 10 left out: a total")
    assert said(found, "row 11 left out: a line of words")


def test_a_13f_table_is_a_long_book_with_its_options_left_out(book):
    found = book(
        "nameOfIssuer,titleOfClass,cusip,value (x$1000),sshPrnamt,putCall\n"
        "A CORP,COM,000000001,250,10000,\nB CORP,COM,000000002,120,1000,Put\nA CORP,COM,000000001,50,2000,\n"
    )
    assert found.tickers == ("000000001",)
    np.testing.assert_array_equal(found.value, [300_000])
    np.testing.assert_allclose(found.price, [25.0])
    assert said(found, "1 ticker is listed more than once (rows 2 and 4): added up")


def test_units_in_names_and_cells_are_believed(book):
    found = book("代码,市值(万元),日均成交额(亿元),指数权重(%)\n600000,12.5,3,0.5\n000001,1万,2,0\n")
    np.testing.assert_allclose(found.value, [125_000, 10_000])
    np.testing.assert_allclose(found.adv, [3e8, 2e8])
    np.testing.assert_allclose(found.index_weight, [0.005, 0])


def test_percent_without_a_sign_is_told_by_the_sum(book):
    found = book("ticker,weight\nA,60\nB,30\nCASH,10\n", value=1e6)
    np.testing.assert_allclose(found.value, [6e5, 3e5])
    assert found.cash == pytest.approx(1e5)
    assert said(found, "column weight adds up to 100: read as percent")
    plain = book("ticker,weight\nA,0.6\nB,-0.3\n", value=1e6)
    np.testing.assert_allclose(plain.value, [6e5, -3e5])


@pytest.mark.parametrize(("cells", "daily"), [("0.32,0.48", 252**-0.5), ("32,48", 0.01 * 252**-0.5), ("2,3", 0.01)])
def test_volatility_a_year_a_day_or_in_percent(book, cells, daily):
    first, second = cells.split(",")
    found = book(f"ticker,value,volatility\nA,1,{first}\nB,1,{second}\n")
    np.testing.assert_allclose(found.volatility, np.array([float(first), float(second)]) * daily)
    assert said(found, "volatility (median")


def test_decimal_commas_and_thousands_points(book):
    found = book("ticker;quantity;price\nA;1.000;2,50\nB;2.000.000;0,10\n")
    np.testing.assert_allclose(found.value, [2500, 200_000])


def test_a_column_of_sides_makes_shorts(book):
    found = book("代码,方向,市值\n600000,多,100\n600001,空,50\n")
    np.testing.assert_array_equal(found.value, [100, -50])


def test_zeros_that_a_spreadsheet_cut_are_put_back(book):
    found = book("证券代码,市值\n1,100\n600000,50\n")
    assert found.tickers == ("000001", "600000")
    assert said(found, "row 2: codes of six digits had lost their zeros")


def test_what_is_missing_is_named(faults):
    assert "shares without price: must have a column price or market value" in faults("ticker,shares\nA,1\n")[0]
    assert "weights without a total" in faults("ticker,weight\nA,1\n")[0]
    assert "no column of sizes" in faults("ticker,price\nA,1\n")[0]
    assert "no header row" in faults("600000,100\n600001,200\n")[0]
    assert "several currencies: CNY (row 2), USD (row 3)" in faults("ticker,value,ccy\nA,1,CNY\nB,1,USD\n")[0]


def test_all_faults_are_told_at_once_with_their_rows(faults):
    told = faults(
        "note\n\nticker,shares,price,beta,ADV\nA,12x,3,1,5\n,10,2,1,5\nB,10,,1,5\nC,10,2,44,5\nD,10,-2,1,-5\n"
    )
    assert [line.split(": ")[1] for line in sorted(told)] == ["row 4", "row 5", "row 6", "row 7", "row 8", "row 8"]
    assert any("row 4: shares = 12x: must be a number" in line for line in told)
    assert any("row 6: shares without price" in line for line in told)
    assert any("row 7: beta = 44: must lie in -10..10" in line for line in told)


@given(st.permutations(range(8)))
def test_the_order_of_rows_is_the_order_of_stocks_and_nothing_else(tmp_path_factory, order):
    rows = [f"S{number},{10 * number + 1},{number + 0.5}" for number in range(8)]
    path = tmp_path_factory.mktemp("books") / "book.csv"
    path.write_text("\n".join(["ticker,value,beta", *(rows[place] for place in order)]))
    found = read_book(path)
    assert found.tickers == tuple(f"S{place}" for place in order)
    np.testing.assert_array_equal(found.value, [10 * place + 1 for place in order])


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("date,A\n2024-01-02,1\n2024-13-45,2\n2024-01-04,3\n", "row 3: date = '?2024-13-45"),
        ("date\n2024-01-02\n2024-01-03\n", "no column beside the dates|must have"),
    ],
)
def test_a_history_that_is_none_is_refused_by_row(tmp_path, text, told):
    path = tmp_path / "history.csv"
    path.write_text(text)
    with pytest.raises(InputError, match=told):
        read_history(path)


def test_a_history_fills_what_is_missing_and_says_so(book, tmp_path):
    rng = np.random.default_rng(1)
    days, market = 300, 0.01 * rng.standard_normal(300)
    returns = np.column_stack([market, 1.5 * market, 0.5 * market + 0.02 * rng.standard_normal(days)])
    prices = pd.DataFrame(
        np.vstack([[100.0, 10.0, 20.0], np.cumprod(1 + returns, axis=0) * [100, 10, 20]]),
        columns=["index", "600000.SH", "600001.SH"],
        index=pd.bdate_range("2023-01-02", periods=days + 1, name="date"),
    )
    prices.iloc[::-1].to_csv(tmp_path / "history.csv")
    text = "ticker,shares,volatility\n600000,100,\n600001,50,0.03\nNEW,1,\n"
    with pytest.raises(InputError, match="row 4: shares without price"):
        book(text, history=tmp_path / "history.csv")
    found = book(text.replace("NEW,1,\n", ""), history=tmp_path / "history.csv")
    np.testing.assert_allclose(found.price, prices.iloc[-1, 1:])
    np.testing.assert_allclose(found.volatility, [np.std(np.log1p(1.5 * market), ddof=1), 0.03])
    np.testing.assert_allclose(found.beta[0], 1.5)
    slope = np.cov(returns[:, 2], market)[0, 1] / np.var(market, ddof=1)
    np.testing.assert_allclose(found.beta[1], slope)
    assert said(found, "price of 2 stocks is the last one in history.csv")
    assert said(found, "volatility of 1 stock is measured in history.csv")
    assert said(found, "beta to the index of the history of 2 stocks is measured in history.csv")


def test_without_an_index_beta_stays_unknown(book, tmp_path):
    rng = np.random.default_rng(2)
    dates = pd.bdate_range("2023-01-02", periods=60, name="date")
    pd.DataFrame({"A": 0.01 * rng.standard_normal(60)}, index=dates).to_csv(tmp_path / "returns.csv")
    found = book("ticker,value\nA,1\n", history=tmp_path / "returns.csv")
    assert np.isfinite(found.volatility).all()
    assert np.isnan(found.beta).all()
    assert said(found, "no column of the index")


def test_several_books(tmp_path):
    (tmp_path / "a.csv").write_text("fund,ticker,value\nX,A,1\nX,B,2\nY,A,-3\n")
    (tmp_path / "b.csv").write_text("ticker,value\nA,5\n")
    (tmp_path / "c.csv").write_text("fund,A,B,C\nU,1,0,2\nV,-1,3,0\n")
    books = read_books([tmp_path / name for name in ("a.csv", "b.csv", "c.csv")])
    assert [book.name for book in books] == ["a: X", "a: Y", "b", "c: U", "c: V"]
    assert books[4].tickers == ("A", "B")
    np.testing.assert_array_equal(books[4].value, [-1, 3])
    with pytest.raises(InputError, match=r"2 books \(a: X, a: Y\): must be one book"):
        read_book(tmp_path / "a.csv")
    (tmp_path / "d.csv").write_text("ticker,value\nA,x\n")
    (tmp_path / "e.csv").write_text("ticker,shares\nA,1\n")
    with pytest.raises(InputError) as caught:
        read_books([tmp_path / "d.csv", tmp_path / "e.csv"])
    assert len(caught.value.faults) == 2


@pytest.mark.parametrize("ending", ["parquet", "xlsx"])
def test_parquet_and_excel_are_read_alike(tmp_path, ending):
    frame = pd.DataFrame(
        {"ticker": ["A", "B"], "shares": [100, 200], "price": [1.25, None], "market value": [None, 90.5]}
    )
    path = tmp_path / f"book.{ending}"
    frame.to_parquet(path) if ending == "parquet" else frame.to_excel(path, index=False)
    found = read_book(path)
    np.testing.assert_allclose(found.value, [125, 90.5])


def test_tickers_match_by_code_where_one_listing_has_it():
    known = ["600000.XSHG", "000001.SH", "000001.SZ", "ABC US"]
    wanted = ["600000.SH", "SZ000001", "000001", "abc us", "600001"]
    assert match_tickers(wanted, known).tolist() == [0, 2, -1, 3, -1]


def test_a_book_says_nothing_of_what_it_holds():
    found = read_book("example")
    assert repr(found).startswith("Holdings('sample', 60 stocks, digest ")
    assert not any(ticker in note for ticker in found.tickers for note in found.notes)


def test_5000_lines_are_read(book):
    lines = [f'{600000 + number},{number + 1},"1,{number % 900 + 100}.5",{1e6 + number}' for number in range(5000)]
    assert len(book("\n".join(["code,shares,price,adv", *lines])).tickers) == 5000


def test_a_blank_fund_is_that_of_the_row_above(tmp_path):
    path = tmp_path / "funds.csv"
    path.write_text("fund,ticker,market value\nAlpha,AAA,1\n,BBB,2\nBeta,AAA,3\n,DDD,1\n")
    alpha, beta = read_books([path])
    assert (alpha.tickers, beta.tickers) == (("AAA", "BBB"), ("AAA", "DDD"))
    assert any("rows 3, 5: no fund: taken for that of the row above" in note for note in alpha.notes)


def test_a_column_that_comes_twice_is_refused(book):
    with pytest.raises(InputError, match="column market value occurs more than once"):
        book("ticker,market value,Market Value\nAAA,1000,500000\nBBB,2000,700000\n")


@pytest.mark.parametrize(
    ("text", "values", "told"),
    [
        ("ticker;market value\nA;950\nB;1.500\n", (950, 1500), "1.500 is taken for 1500, not 1.5"),
        ("ticker,market value\nA,950\nB,1.500\n", (950, 1.5), "1.500 is taken for 1.5, not 1500"),
        ("ticker;market value\nA;950,5\nB;1.500\n", (950.5, 1500), ""),
        ("ticker;market value\nA;950.5\nB;1.500\n", (950.5, 1.5), ""),
    ],
)
def test_a_point_that_may_be_either_is_told(book, text, values, told):
    found = book(text)
    np.testing.assert_allclose(found.value, values)
    said = " ".join(note for note in found.notes if "is taken for" in note)
    assert told in said
    assert bool(told) == bool(said)
