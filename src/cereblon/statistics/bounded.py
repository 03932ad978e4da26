"""A curve whose parameters are kept in ranges: the least sum of squares, perhaps at the edge of a range."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from itertools import product

import numpy as np

from cereblon.statistics.problem import Problem, Solution, best, starts
from cereblon.statistics.shape import Floats

Ranges = Mapping[int, tuple[float, float]]  # column of PARAMETERS -> range, inside the problem's own scale


def within(problem: Problem, solution: Solution, ranges: Ranges) -> tuple[Problem, Solution]:
    """The solution of one curve with its free parameters inside their ranges; one at an edge is held there.

    What lies outside is put on its edge. Where that is not the minimum (the sum of squares falls inward, or another
    parameter leaves its range) every choice of edges is tried.
    """
    columns = {c: r for c, r in ranges.items() if problem.index[0, c] >= 0}
    row = problem.full(solution.theta)[0]
    out = {c: low if row[c] < low else high for c, (low, high) in columns.items() if not low <= row[c] <= high}
    if not out:
        return problem, solution
    found = _at(problem, out)
    if _is_least(problem, *found, out, columns):
        return found
    choices = [(None, low, high) for low, high in columns.values()]
    least: tuple[Problem, Solution] | None = None
    for edges in product(*choices):
        held = {c: edge for c, edge in zip(columns, edges, strict=True) if edge is not None}
        if not held:
            continue
        one = _at(problem, held)
        if _inside(one[0].full(one[1].theta)[0], columns) and (least is None or one[1].RSS < least[1].RSS):
            least = one
    assert least is not None  # with every parameter on an edge nothing can leave its range
    return least


def _at(problem: Problem, edges: Mapping[int, float]) -> tuple[Problem, Solution]:
    """The least sum of squares with some parameters on an edge."""
    held = problem.held[0].copy()
    for column, edge in edges.items():
        held[column] = edge
    index = np.where(np.isnan(held), np.cumsum(np.isnan(held)) - 1, -1)[None, :]
    piece = problem.pieces[0]

    def with_direction(way: int) -> Problem:
        return Problem(problem.shape, (replace(piece, direction=way),), index, held[None, :])

    return best(with_direction, starts(piece, problem.shape, held, (piece.direction,)))


def _inside(row: Floats, columns: Ranges) -> bool:
    return all(low - 1e-12 <= row[c] <= high + 1e-12 for c, (low, high) in columns.items())


def _is_least(
    problem: Problem, held: Problem, solution: Solution, edges: Mapping[int, float], columns: Ranges
) -> bool:
    """Whether everything is inside and the sum of squares would fall only outward."""
    row = held.full(solution.theta)[0]
    if not _inside(row, columns):
        return False
    order = [int(np.flatnonzero(problem.index[0] == k)[0]) for k in range(problem.size)]
    residuals, jacobian = problem.at(row[order])
    slope = dict(zip(order, residuals @ jacobian, strict=True))
    return all((slope[c] >= 0) == (edge == columns[c][0]) for c, edge in edges.items())
