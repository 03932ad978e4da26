"""Isotonic regression: the nearest numbers that never fall (pool adjacent violators; Barlow 1972)."""

from __future__ import annotations

from collections.abc import Sequence


def isotonic(values: Sequence[float], weights: Sequence[float]) -> list[float]:
    """The non-decreasing numbers nearest to `values` in weighted squares.

    Neighbours in the wrong order are replaced by their weighted mean until none is left.

    >>> isotonic([0.1, 0.4, 0.2], [1, 1, 3])
    [0.1, 0.25, 0.25]
    """
    blocks: list[list[float]] = []  # mean, weight, length of each pooled block
    for value, weight in zip(values, weights, strict=True):
        blocks.append([value, weight, 1])
        while len(blocks) > 1 and blocks[-2][0] > blocks[-1][0]:
            last, before = blocks.pop(), blocks[-1]
            total = before[1] + last[1]
            before[:] = [(before[0] * before[1] + last[0] * last[1]) / total, total, before[2] + last[2]]
    return [mean for mean, _, length in blocks for _ in range(int(length))]
