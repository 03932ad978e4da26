"""Curves of an LDH plate: percent cytotoxicity over the antibody at one E:T, or over E:T at one level of antibody.

Every well counts as a reading (less the means of its controls). Over antibody a rising 4PL, whose lower end is what
effectors do without it; over E:T a rising 3PL from 0. An EC50 outside the tested range is none (`statistics.curve`).
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

if TYPE_CHECKING:
    from cereblon.bench.ldh import Group, Lysis
    from cereblon.statistics.estimates import Fit

FEWEST = 4  # levels above 0 that make a curve


class LysisCurve(NamedTuple):
    """Conditions that differ in one thing alone, and the curve through their wells."""

    groups: tuple[Group, ...]
    fit: Fit


def over_antibody(lysis: Lysis) -> dict[str, LysisCurve]:
    """Drug (and E:T, where there are several) -> curve over the antibody; too few levels make none."""
    several = len({g.ratio for g in lysis if not math.isnan(g.ratio)}) > 1
    return _curves(lysis, "concentration", "ratio" if several else "", "4PL", lysis.unit)


def over_ratio(lysis: Lysis) -> dict[str, LysisCurve]:
    """Drug (and antibody, where there are several levels) -> curve over E:T."""
    several = len({g.concentration for g in lysis}) > 1
    return _curves(lysis, "ratio", "concentration" if several else "", "3PL", "1")


def _curves(lysis: Lysis, over: str, beside: str, model: str, unit: str) -> dict[str, LysisCurve]:
    from cereblon.statistics.curve import fit

    members: dict[str, list[Group]] = {}
    for g in lysis:
        if not math.isnan(getattr(g, over)):
            word = {"": "", "ratio": f", E:T {g.ratio:g}", "concentration": f", {lysis.antibody(g)}"}[beside]
            members.setdefault(lysis.drug(g) + word, []).append(g)
    found = {}
    for name, groups in members.items():
        x = np.concatenate([np.full(g.wells.size, getattr(g, over)) for g in groups])
        if np.unique(x[x > 0]).size >= FEWEST:
            y = np.concatenate([g.wells for g in groups])
            found[name] = LysisCurve(tuple(groups), fit(x, y, model, direction=1, unit=unit))
    return found
