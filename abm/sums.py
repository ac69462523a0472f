"""Sums over the rows of a matrix, four at a time, so that what each row would read and write is so once."""

from __future__ import annotations

from abm.compile import kernel
from cqkit.arrays import FloatArray


@kernel
def add_rows(units: FloatArray, scale: float, rows: FloatArray, out: FloatArray) -> None:
    """Add `scale` times `units` (rows,) times the `rows` (rows, n) to `out` (n,); rows without units cost nothing."""
    whole = units.size - units.size % 4
    for row in range(0, whole, 4):
        a, b, c, d = scale * units[row], scale * units[row + 1], scale * units[row + 2], scale * units[row + 3]
        if a == 0.0 and b == 0.0 and c == 0.0 and d == 0.0:
            continue
        first, second, third, fourth = rows[row], rows[row + 1], rows[row + 2], rows[row + 3]
        for i in range(out.size):
            out[i] += a * first[i] + b * second[i] + c * third[i] + d * fourth[i]
    for row in range(whole, units.size):
        alone, last = scale * units[row], rows[row]
        if alone != 0.0:
            for i in range(out.size):
                out[i] += alone * last[i]


@kernel
def products(rows: FloatArray, one: FloatArray, other: FloatArray, by_one: FloatArray, by_other: FloatArray) -> None:
    """The products of the `rows` (rows, n) with two vectors (n,), into two arrays (rows,)."""
    whole = by_one.size - by_one.size % 2
    for row in range(0, whole, 2):
        first, second = rows[row], rows[row + 1]
        a, b, c, d = 0.0, 0.0, 0.0, 0.0
        for i in range(one.size):
            a += first[i] * one[i]
            b += second[i] * one[i]
            c += first[i] * other[i]
            d += second[i] * other[i]
        by_one[row], by_one[row + 1], by_other[row], by_other[row + 1] = a, b, c, d
    for row in range(whole, by_one.size):
        last, a, c = rows[row], 0.0, 0.0
        for i in range(one.size):
            a += last[i] * one[i]
            c += last[i] * other[i]
        by_one[row], by_other[row] = a, c
