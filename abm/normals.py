"""Standard normals by counter: whichever is asked for is a pure function of key and counter, and loops vectorise.

The words are Philox4x32-10 (Salmon et al. 2011, "Parallel random numbers: as easy as 1, 2, 3"): ten rounds of two
multiplications turn a 128-bit counter and a 64-bit key into four words of 32 random bits. There is no state to seed, to
store or to run out: streams of different keys or counters never meet. Box and Muller (1958) make two normals of two
words, in single precision: finer than 1e-6, and out to 6.6 standard deviations.

Counters are taken `LANES` at a time, so that all work stays in the nearest cache and eight or sixteen run in one
instruction. Normal j of a stream comes from counter `j // (4 LANES) LANES + j % LANES`; a counter's four normals lie
`LANES` apart.
"""

from __future__ import annotations

import math
from typing import TypeAlias

import numpy as np
from numba import float32, int32, uint32, uint64

from abm.compile import array_kernel, kernel
from cqkit.arrays import SingleArray, WordArray

LANES = 128

Key: TypeAlias = tuple[int, int]  # two words of 32 bits

_FIRST, _SECOND = uint64(0xD2511F53), uint64(0xCD9E8D57)  # multipliers, and what is added to the key after each round
_GOLDEN, _ROOT = uint64(0x9E3779B9), uint64(0xBB67AE85)
_ROUNDS = 10
_LOW, _HALF = uint64(0xFFFFFFFF), uint64(32)

_SQRT_HALF, _ONE = int32(0x3F3504F3), int32(0x3F800000)  # bits of sqrt(1/2) and of 1 in single precision
_LOG_2, _QUARTER = float32(math.log(2)), float32(math.pi / 2)


@kernel
def random_words(key: Key, first: int, day: int, path: int, purpose: int, words: WordArray) -> None:
    """Fill `words` (4, n) with Philox4x32-10 of the counters (first + i, day, path, purpose)."""
    one, two, three, four = words[0], words[1], words[2], words[3]
    low, high = uint32(key[0]), uint32(key[1])
    for i in range(one.size):
        a, b, c, d = uint32(first + i), uint32(day), uint32(path), uint32(purpose)
        x, y = low, high
        for _ in range(_ROUNDS):
            left, right = uint64(a) * _FIRST, uint64(c) * _SECOND
            a = uint32(uint32(right >> _HALF) ^ b ^ x)
            c = uint32(uint32(left >> _HALF) ^ d ^ y)
            b, d = uint32(right & _LOW), uint32(left & _LOW)
            x, y = uint32((uint64(x) + _GOLDEN) & _LOW), uint32((uint64(y) + _ROOT) & _LOW)
        one[i], two[i], three[i], four[i] = a, b, c, d


@kernel
def radii(words: WordArray, uniform: SingleArray, mantissa: SingleArray, out: SingleArray) -> None:
    """sqrt(-2 log u) of uniform numbers u between 0 and 1, from words (n,); the arrays (n,) between are scratch.

    The logarithm is that of the exponent bits, plus the series of artanh for what lies between sqrt(1/2) and sqrt(2).
    """
    bits, whole = uniform.view(np.int32), mantissa.view(np.int32)
    for i in range(words.size):
        uniform[i] = (float32(int32(words[i] >> uint32(1))) + float32(0.5)) * float32(2.0**-31)
    for i in range(words.size):
        exponent = (bits[i] - _SQRT_HALF) >> int32(23)
        whole[i] = bits[i] - (exponent << int32(23))
        out[i] = float32(exponent)
    for i in range(words.size):
        s = (mantissa[i] - float32(1)) / (mantissa[i] + float32(1))
        z = s * s
        series = float32(2 / 3) + z * (float32(2 / 5) + z * (float32(2 / 7) + z * float32(2 / 9)))
        y = float32(-2) * (out[i] * _LOG_2 + (float32(2) * s + s * z * series))
        out[i] = math.sqrt(max(y, float32(0)))  # rounding may leave -1e-8 at u = 1


@kernel
def turn(words: WordArray, radius: SingleArray, cosines: SingleArray, sines: SingleArray) -> None:
    """Give each radius (n,) the angle of its word: the two top bits are the quadrant, the rest lies in it."""
    for i in range(words.size):
        quadrant = int32(words[i] >> uint32(30))
        x = (float32(int32(words[i] & uint32(0x3FFFFFFF))) * float32(2.0**-30) - float32(0.5)) * _QUARTER
        z = x * x
        tail = float32(1 / 120) + z * (float32(-1 / 5040) + z * float32(1 / 362880))
        sine = x + x * z * (float32(-1 / 6) + z * tail)
        tail = float32(-1 / 720) + z * float32(1 / 40320)
        cosine = float32(1) + z * (float32(-1 / 2) + z * (float32(1 / 24) + z * tail))
        crossed = (quadrant & int32(1)) != int32(0)
        along, across = (sine, cosine) if crossed else (cosine, sine)
        cosines[i] = radius[i] * along * (float32(1) - float32((quadrant + int32(1)) & int32(2)))
        sines[i] = radius[i] * across * (float32(1) - float32(quadrant & int32(2)))


@array_kernel
def draw_normals(key: Key, day: int, path: int, purpose: int, out: SingleArray) -> None:
    """Fill `out` (n,) with the stream's first n standard normals."""
    words, spare = np.empty((4, LANES), np.uint32), np.empty(4 * LANES, np.float32)
    uniform, mantissa, radius = (np.empty(LANES, np.float32), np.empty(LANES, np.float32), np.empty(LANES, np.float32))
    for start in range(0, out.size, 4 * LANES):
        random_words(key, start // 4, day, path, purpose, words)
        left = out.size - start
        here = out[start : start + 4 * LANES] if left >= 4 * LANES else spare
        for pair in range(2):
            place = 2 * LANES * pair
            radii(words[2 * pair], uniform, mantissa, radius)
            turn(words[2 * pair + 1], radius, here[place : place + LANES], here[place + LANES : place + 2 * LANES])
        if left < 4 * LANES:
            out[start:] = spare[:left]
