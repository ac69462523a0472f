"""Faults and notes are lines that can be read, whatever stood in the file."""

import pickle

from cqkit.errors import InputError, one_line


def test_what_breaks_a_line_is_one_and_what_fills_pages_is_cut():
    error = InputError("a.csv: row 3: close = 1\n2\r\n3: must be a number", "x" * 5000 + "end")
    assert error.faults[0] == "a.csv: row 3: close = 1 2 3: must be a number"
    assert len(error.faults[1]) < 1300
    assert error.faults[1].endswith("xend")
    assert pickle.loads(pickle.dumps(error)).faults == error.faults
    assert one_line("as it is") == "as it is"
