"""Progression against the nadir: rules (i) to (vii) of the IMWG.

    i    serum M-protein: a quarter and .5 g/dL, or 1 g/dL alone from a nadir of 5 g/dL on
    ii   urine: a quarter and 200 mg/24 h
    iii  without measurable serum and urine: light chains, a quarter and more than 10 mg/dL
    iv   without these: plasma cells of the marrow, a quarter and ten points (2016) or a level of 10 % (before)
    v    a new lesion; half again of the sum of products, or of the longest diameter of one
    vi   where there is nothing else: plasma cells of the blood (2016)
    vii  calcium above 11.5 mg/dL (before 2016)
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from cereblon.bedside.response.condition import (
    TINY,
    Bools,
    Condition,
    Values,
    at,
    fixed,
    get,
    least,
    level_text,
    percent,
    rise_text,
    some,
)
from cereblon.bedside.response.followed import Followed
from cereblon.bedside.response.rules import Thresholds


@dataclass(frozen=True)
class Progression:
    """`biochemical`: serum, urine, light chains, blood, which the next assessment has to confirm. `solid`: marrow,
    lesions and calcium, which need no second."""

    biochemical: tuple[Condition, ...]
    solid: tuple[Condition, ...]

    @property
    def unconfirmed(self) -> Bools:
        """Where a rule fires that the next assessment has to confirm."""
        return some(self.biochemical)

    @property
    def certain(self) -> Bools:
        """Where a rule fires that needs no second assessment."""
        return some(self.solid)

    def words(self, i: int) -> str:
        """The rules that fire for patient i."""
        return "; ".join(c.text(i) for c in (*self.biochemical, *self.solid) if at(c.holds, i))


def progression(now: Values, nadir: Values, f: Followed, c: Thresholds) -> Progression:
    """The rules at one visit. Marrow and lesions count when measured at this visit (`marrow_now`, `SPD_now`)."""
    s, s0, u, u0 = get(now, "serum"), get(nadir, "serum"), get(now, "urine"), get(nadir, "urine")
    d, d0, p, p0 = get(now, "dFLC"), get(nadir, "dFLC"), get(now, "circulating"), get(nadir, "circulating")
    risen = least(s - s0, c.PD_serum_increase) & least(s, s0 * (1 + c.PD_serum))
    large = least(s0, c.PD_large) & least(s - s0, c.PD_large_increase)
    quarter = rise_text(s, s0, "serum M-protein", "g/dL", f"{percent(c.PD_serum)} and {c.PD_serum_increase:g}")
    much = rise_text(
        s, s0, "serum M-protein", "g/dL", f"{c.PD_large_increase:g} from a nadir of {c.PD_large:g} or more"
    )
    biochemical = (
        Condition(risen | large, lambda i: quarter(i) if at(risen, i) else much(i)),
        Condition(
            least(u - u0, c.PD_urine_increase) & least(u, u0 * (1 + c.PD_urine)),
            rise_text(u, u0, "urine", "mg/24 h", f"{percent(c.PD_urine)} and {c.PD_urine_increase:g}"),
        ),
        Condition(
            ~f.protein & (d - d0 > c.PD_FLC_increase + TINY) & least(d, d0 * (1 + c.PD_FLC)),
            rise_text(d, d0, "involved less uninvolved light chain", "mg/dL",
                      f"{percent(c.PD_FLC)} and more than {c.PD_FLC_increase:g}"),
        ),
        Condition(
            ~f.any & least(p, p0 * (1 + c.PD_circulating)) & least(p, c.PD_circulating_count),
            rise_text(p, p0, "plasma cells of the blood", "per uL",
                      f"{percent(c.PD_circulating)} and a count of {c.PD_circulating_count:g}"),
        ),
    )  # fmt: skip
    return Progression(biochemical, _solid(now, nadir, f, c))


def _solid(now: Values, nadir: Values, f: Followed, c: Thresholds) -> tuple[Condition, ...]:
    m, m0, SPD, SPD0 = get(now, "marrow_now"), get(nadir, "marrow"), get(now, "SPD_now"), get(nadir, "SPD")
    longest, longest0 = get(now, "diameter"), get(nadir, "diameter")
    points = np.isfinite(c.PD_marrow_increase)
    more = least(m - m0, c.PD_marrow_increase) if points else least(m, c.PD_marrow_level)
    needs = f"{100 * c.PD_marrow_increase:g} points" if points else f"a level of {100 * c.PD_marrow_level:g}"
    half = percent(c.PD_lesion)
    return (
        Condition(
            ~(f.protein | f.FLC) & (m > m0) & least(m, m0 * (1 + c.PD_marrow)) & more,
            rise_text(100 * m, 100 * m0, "plasma cells of the marrow", "%", f"{percent(c.PD_marrow)} and {needs}"),
        ),
        Condition(np.asarray(get(now, "new_lesion") == 1), fixed("a new lesion")),
        Condition(
            (get(now, "lesions") != 1) & (SPD > SPD0) & least(SPD, SPD0 * (1 + c.PD_lesion)),
            rise_text(SPD, SPD0, "plasmacytoma", "cm2", half),
        ),
        Condition(
            (get(now, "short_axis") > c.PD_axis) & (longest > longest0) & least(longest, longest0 * (1 + c.PD_lesion)),
            rise_text(longest, longest0, "longest diameter", "cm", f"{half}, with a short axis above {c.PD_axis:g}"),
        ),
        Condition(
            np.asarray(get(now, "calcium") > c.PD_calcium + TINY),
            level_text(get(now, "calcium"), "calcium", "mg/dL", f"to stay at {c.PD_calcium:g}"),
        ),
    )
