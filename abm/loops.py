"""What loops over stocks or funds are made of: sums over the rows of a matrix, and an exponential that vectorises.

Arrays lie apart (`abm.compile.wide_kernel`), so that a loop may touch as many as it likes. Rows are added six at a
time, so that the sum is read and written once for them all.
"""

from __future__ import annotations

from abm.compile import kernel, wide_kernel
from cqkit.arrays import FloatArray


@wide_kernel
def weigh_rows(units: FloatArray, scale: float, rows: FloatArray, out: FloatArray) -> None:
    """Fill `out` (n,) with `scale` times `units` (rows,) times `rows` (rows, n); rows without units are not read."""
    one, begun = after(units, -1), False
    if one == units.size:
        out[:] = 0.0
    while one < units.size:
        two = after(units, one)
        three = after(units, two)
        four = after(units, three)
        five = after(units, four)
        six = after(units, five)
        add_six(units, scale, rows, (one, two, three, four, five, six), out, begun)
        one, begun = after(units, six), True


@wide_kernel
def add_six(
    units: FloatArray,
    scale: float,
    rows: FloatArray,
    which: tuple[int, int, int, int, int, int],
    out: FloatArray,
    begun: bool,
) -> None:
    """Add six of the rows to `out`, or begin it with them; the first stands for those of which there are no more."""
    one, two, three, four, five, six = which
    a, first = scale * units[one], rows[one]
    b, second = unit_of(units, scale, rows, two, first)
    c, third = unit_of(units, scale, rows, three, first)
    d, fourth = unit_of(units, scale, rows, four, first)
    e, fifth = unit_of(units, scale, rows, five, first)
    f, sixth = unit_of(units, scale, rows, six, first)
    for i in range(out.size):
        added = a * first[i] + b * second[i] + c * third[i] + d * fourth[i] + e * fifth[i] + f * sixth[i]
        out[i] = added + (out[i] if begun else 0.0)


@kernel
def unit_of(
    units: FloatArray, scale: float, rows: FloatArray, row: int, instead: FloatArray
) -> tuple[float, FloatArray]:
    """Scaled units of a row, and the row; none of another `instead`, if there is no such row."""
    if row < units.size:
        return scale * units[row], rows[row]
    return 0.0, instead


@kernel
def after(units: FloatArray, row: int) -> int:
    """The next row that has units; the number of rows where there is none."""
    row += 1
    while row < units.size and units[row] == 0.0:
        row += 1
    return row


@wide_kernel
def products(rows: FloatArray, one: FloatArray, other: FloatArray, by_one: FloatArray, by_other: FloatArray) -> None:
    """The products of the `rows` (rows, n) with two vectors (n,), into two arrays (rows,)."""
    for row in range(by_one.size):
        units, a, b = rows[row], 0.0, 0.0
        for i in range(one.size):
            a += units[i] * one[i]
            b += units[i] * other[i]
        by_one[row], by_other[row] = a, b


@wide_kernel
def weigh_columns(
    one: FloatArray, other: FloatArray, rows: FloatArray, first: int, by_one: FloatArray, by_other: FloatArray
) -> None:
    """Fill two arrays (n,) with `one` and `other` (rows,) times the columns of `rows` (rows, all) from `first` on."""
    by_one[:] = 0.0
    by_other[:] = 0.0
    last = first + by_one.size
    for row in range(0, one.size - one.size % 2, 2):
        upper, lower = rows[row, first:last], rows[row + 1, first:last]
        a, b, c, d = one[row], one[row + 1], other[row], other[row + 1]
        for i in range(by_one.size):
            by_one[i] += a * upper[i] + b * lower[i]
            by_other[i] += c * upper[i] + d * lower[i]
    if one.size % 2:
        left, a, c = rows[one.size - 1, first:last], one[one.size - 1], other[one.size - 1]
        for i in range(by_one.size):
            by_one[i] += a * left[i]
            by_other[i] += c * left[i]


@wide_kernel
def add_columns(units: FloatArray, rows: FloatArray, first: int, out: FloatArray) -> None:
    """Add to `out` (rows,) the columns of `rows` (rows, all) from `first` on, times their `units` (n,)."""
    for row in range(out.size):
        part, total = rows[row, first : first + units.size], 0.0
        for i in range(units.size):
            total += units[i] * part[i]
        out[row] += total


@kernel
def growth(move: float) -> float:
    """exp(move) - 1 by its series at a sixteenth of the move, doubled four times: written so that loops vectorise.

    To the last digits for moves up to 1 in a bar, to 1e-8 for moves up to 10.
    """
    x = move / 16.0
    square = x * x
    fourth = square * square
    first = (1.0 + x * (1 / 2)) + square * (1 / 6 + x * (1 / 24))
    second = (1 / 120 + x * (1 / 720)) + square * (1 / 5040 + x * (1 / 40320))
    third = 1 / 362880 + x * (1 / 3628800)
    grown = x * ((first + fourth * second) + (fourth * fourth) * third)
    grown = grown * (2.0 + grown)
    grown = grown * (2.0 + grown)
    grown = grown * (2.0 + grown)
    return grown * (2.0 + grown)
