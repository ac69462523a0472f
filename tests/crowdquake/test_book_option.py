"""`--book`: the desk's own holdings on the command line."""

import pytest


@pytest.mark.parametrize("command_name", ["run", "explain", "unwind"])
def test_a_book_that_is_not_there_is_one_line(refused, command_name):
    fault = refused(command_name, "good.toml", "--book", "none.csv")
    assert "none.csv" in fault
    assert "no such file" in fault


def test_a_book_given_twice_is_refused(refused):
    fault = refused("run", "good.toml", "--book", "example", "--set", "desk.book=example")
    assert "--book example: desk.book is set besides: must be given once" in fault


def test_every_fault_of_a_book_is_a_line_with_its_row(command, small_text, tmp_path):
    (tmp_path / "good.toml").write_text(small_text, encoding="utf-8")
    (tmp_path / "book.csv").write_text("ticker,shares,price\nA,x,1\nB,1,\nC,1,-3\n")
    found = command("run", str(tmp_path / "good.toml"), "--book", str(tmp_path / "book.csv"))
    assert found.code == 2
    assert sorted(line.split(": ")[3] for line in found.err.splitlines()) == [
        "price = -3",
        "shares = x",
        "shares without price",
    ]


def test_a_run_with_a_book_answers_in_json(answer, small_text, tmp_path):
    (tmp_path / "small.toml").write_text(small_text, encoding="utf-8")
    keys = ("--set", "market.currency=CNY", "--set", "market.stocks=130")
    found = answer(
        "run",
        str(tmp_path / "small.toml"),
        "--paths",
        "2",
        "--json",
        "--no-counterfactuals",
        "--book",
        "example",
        *keys,
    )
    assert found["manifest"]["book"]["stocks"] == 60
    assert found["desk"]["main"]["book_money"] == pytest.approx(100e6)
