"""The category of one assessment against baseline and nadir, by the criteria of the IMWG (Kumar 2016).

    PD            a rule of progression fires                                 against the nadir
    NE            what the disease is followed by was not all measured
    sCR .. MR     the highest category whose conditions all hold              against the baseline
    SD            none of them

All is done for many patients at once, each value an array over patients; NaN fails every condition. A decision can say
why it is not the next category up.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cereblon.bedside.response.assessment import Floats, assessment
from cereblon.bedside.response.condition import (
    Bools,
    Condition,
    Text,
    Values,
    at,
    below,
    change_text,
    every,
    fall,
    fixed,
    get,
    least,
    level_text,
    only,
    percent,
    sign_text,
    with_difference,
)
from cereblon.bedside.response.followed import Followed, follow, ratio
from cereblon.bedside.response.progression import Progression, progression
from cereblon.bedside.response.rules import NEVER, Rules, Thresholds, rules
from cereblon.records.criteria import Criteria

LEVELS = ("NE", "PD", "SD", "MR", "PR", "VGPR", "CR", "sCR")
NE, PD, SD, MR, PR, VGPR, CR, SCR = range(len(LEVELS))
RESPONSES = LEVELS[PR:]

Levels = Mapping[int, tuple[Condition, ...]]


@dataclass(frozen=True)
class Judged:
    """The level of every patient at one visit, and what it rests on."""

    level: NDArray[np.int8]
    progression: Progression
    levels: Levels
    followed: Followed

    def reason(self, i: int) -> str:
        """Why patient i has this category and not the next one up."""
        level = int(self.level[i])
        if level == PD:
            return f"PD: {self.progression.words(i)}"
        if level == NE:
            own = self.followed.words(i)
            return f"NE: {own} not all measured" if own else "NE: no disease at baseline that can be followed"
        held = "; ".join(filter(None, (c.text(i) for c in self.levels.get(level, ()))))
        said = f"{LEVELS[level]}: {held or 'neither response nor progression'}"
        above = next((k for k in self.levels if k > level), None)
        if above is None:
            return said
        failed = "; ".join(filter(None, (c.text(i) for c in self.levels[above] if not at(c.holds, i))))
        return f"{said}. Not {LEVELS[above]}: {failed}"


def judge(now: Values, base: Values, nadir: Values, by: Rules, followed: Followed | None = None) -> Judged:
    """The category of every patient's visit; one of the values at least is an array over patients.

    Marrow and lesions are not looked at on every visit: `marrow` and `SPD` hold the last values known, `marrow_now` and
    `SPD_now` those of this visit, which progression asks for. Light chains come with their difference
    (`condition.with_difference`).
    """
    f = followed or follow(base, by.thresholds)
    size = np.broadcast_shapes(*(np.shape(x) for x in (*now.values(), *base.values())))
    level = np.full(size, SD, np.int8)
    with np.errstate(divide="ignore", invalid="ignore"):
        worse = progression(now, nadir, f, by.thresholds)
        levels = _levels(now, base, f, by)
        for k, conditions in levels.items():  # ascending: the highest that holds stays
            level[np.broadcast_to(every(conditions), size)] = k
        level[np.broadcast_to(_lacking(now, f), size)] = NE
        level[np.broadcast_to(worse.unconfirmed | worse.certain, size)] = PD
    return Judged(level, worse, levels, f)


@dataclass(frozen=True, eq=False)
class Category:
    """The category of one assessment and why it is that one. Equal to its name: `category(...) == "PR"`."""

    level: str
    reason: str
    rules: Rules

    @property
    def is_response(self) -> bool:
        """Partial response or better."""
        return self.level in RESPONSES

    def __eq__(self, other: object) -> bool:
        return self.level == (other.level if isinstance(other, Category) else other)

    def __hash__(self) -> int:
        return hash(self.level)

    def __str__(self) -> str:
        return self.reason


def category(
    now: Mapping[str, Any],
    baseline: Mapping[str, Any],
    nadir: Mapping[str, Any] | None = None,
    by: str | Path | Criteria | Rules = "IMWG_2016",
    **choices: Any,
) -> Category:
    """The category of one assessment. Values are those of `assessment`: texts with their unit.

    `nadir` holds the lowest values so far; what it leaves out is the baseline's. `by` and `choices` are those of
    `rules`. Raises InputError as they do.

    >>> print(category({"serum": "1.8 g/dL", "urine": "150 mg/24h"}, {"serum": "4.2 g/dL", "urine": "850 mg/24h"}))
    PR: serum M-protein 4.2 to 1.8 g/dL, down 57 % (needs 50 %); urine 850 to 150 mg/24 h, down 82 % (needs 90 %, or
    below 200). Not VGPR: serum M-protein 4.2 to 1.8 g/dL, down 57 % (needs 90 %); urine 150 mg/24 h (needs below 100)
    """
    chosen = rules(by, **choices)
    start = assessment(baseline)
    chain = "lambda" if start["ratio"] < 1 else "kappa"  # the baseline says which one is involved
    current, low = assessment(now, chain=chain), assessment(nadir or {}, chain=chain)
    lowest = {**start, **{name: x for name, x in low.items() if not np.isnan(x)}}
    current |= {"SPD_now": current["SPD"], "marrow_now": current["marrow"]}
    one = [with_difference({k: np.array([x]) for k, x in given.items()}) for given in (current, start, lowest)]
    judged = judge(one[0], one[1], one[2], chosen)
    return Category(LEVELS[int(judged.level[0])], judged.reason(0), chosen)


def _lacking(now: Values, f: Followed) -> Bools:
    """What the disease is followed by was not measured, or it cannot be followed at all."""
    lost = ~f.any | (f.FLC & np.isnan(get(now, "dFLC")))
    for own, name in ((f.serum, "serum"), (f.urine, "urine"), (f.marrow, "marrow_now"), (f.only_lesion, "SPD_now")):
        lost = lost | (own & np.isnan(get(now, name)))
    return lost


def _levels(now: Values, base: Values, f: Followed, by: Rules) -> dict[int, tuple[Condition, ...]]:
    """Category -> its conditions, ascending."""
    c = by.thresholds
    out = {MR: _minimal(now, base, f, c)} if c.MR_serum != NEVER else {}
    out[PR] = _partial(now, base, f, c)
    out[VGPR] = _very_good(now, base, f, by)
    out[CR] = _complete(now, base, f, by)
    out[SCR] = (*out[CR], *_stringent(now, f, c))
    return out


def _minimal(now: Values, base: Values, f: Followed, c: Thresholds) -> tuple[Condition, ...]:
    undefined = fixed("minimal response is not defined by light chains, marrow or lesions alone")
    return (
        Condition(f.protein, only(~f.protein, undefined)),
        _serum(now, base, f, c.MR_serum),
        _urine(now, base, f, c.MR_urine, c.PR_urine_level),
        _lesion(now, base, f, c.MR_lesion),
    )


def _partial(now: Values, base: Values, f: Followed, c: Thresholds) -> tuple[Condition, ...]:
    m, m0 = get(now, "marrow"), get(base, "marrow")
    cells = change_text(100 * m0, 100 * m, "plasma cells of the marrow", "%", percent(c.PR_marrow))
    return (
        _serum(now, base, f, c.PR_serum),
        _urine(now, base, f, c.PR_urine, c.PR_urine_level),
        _light_chains(now, base, f, c.PR_FLC),
        Condition(~f.marrow | least(fall(m0, m), c.PR_marrow), only(f.marrow, cells)),
        _lesion(now, base, f, c.PR_lesion),
    )


def _very_good(now: Values, base: Values, f: Followed, by: Rules) -> tuple[Condition, ...]:
    c, serum, urine = by.thresholds, get(now, "serum"), get(now, "urine")
    unseen = (serum == 0) | least(fall(get(base, "serum"), serum), c.VGPR_serum)
    little = below(urine, c.VGPR_urine)
    if by.urine == "as followed":
        unseen = unseen | (np.isnan(get(base, "serum")) & np.isnan(serum))
        little = little | (np.isnan(get(base, "urine")) & np.isnan(urine))
    falls = change_text(get(base, "serum"), serum, "serum M-protein", "g/dL", percent(c.VGPR_serum))
    undefined = f.marrow | f.only_lesion
    return (
        Condition(~undefined, only(undefined, fixed("by marrow or lesions alone it is not defined"))),
        Condition(~f.protein | unseen, only(f.protein, falls)),
        Condition(np.where(f.protein, little, ~(urine >= c.VGPR_urine)),
                  only(f.protein, level_text(urine, "urine", "mg/24 h", f"below {c.VGPR_urine:g}"))),
        _light_chains(now, base, f, c.VGPR_FLC),
        _lesion(now, base, f, max(c.VGPR_lesion, c.PR_lesion)),
    )  # fmt: skip


def _complete(now: Values, base: Values, f: Followed, by: Rules) -> tuple[Condition, ...]:
    c, marrow, SPD = by.thresholds, get(now, "marrow"), get(now, "SPD")
    seen, in_urine, shifted = get(now, "serum_IFE"), get(now, "urine_IFE"), get(now, "shifted_IFE")
    serum_negative = (seen == 0) | ((shifted == 0) & (by.band == "shifted"))
    urine_negative = in_urine == 0
    if by.urine == "as followed":
        urine_negative = urine_negative | (np.isnan(in_urine) & np.isnan(get(base, "urine")))
    normal = ratio(now, c)[0]
    cells = level_text(100 * marrow, "plasma cells of the marrow", "%", f"below {100 * c.CR_marrow:g}")
    return (
        Condition(serum_negative, _band_text(seen, shifted, by)),
        Condition(urine_negative, sign_text(in_urine, "immunofixation of the urine")),
        Condition(~f.lesion | (SPD == 0), only(f.lesion, level_text(SPD, "plasmacytoma", "cm2", "none left"))),
        Condition(below(marrow, c.CR_marrow), cells),
        Condition(~f.FLC | normal, only(f.FLC, _ratio_text(now, c))),
    )


def _stringent(now: Values, f: Followed, c: Thresholds) -> tuple[Condition, ...]:
    clonal = get(now, "clonal")
    clean = (clonal == 0) | below(get(now, "MRD"), c.MRD)
    return (
        Condition(ratio(now, c)[0], only(~f.FLC, _ratio_text(now, c))),
        Condition(clean, sign_text(clonal, "clonal plasma cells of the marrow")),
    )


# -- conditions that several categories share ---------------------------------------------------------------


def _serum(now: Values, base: Values, f: Followed, needs: float) -> Condition:
    a, b = get(base, "serum"), get(now, "serum")
    return Condition(~f.serum | least(fall(a, b), needs),
                     only(f.serum, change_text(a, b, "serum M-protein", "g/dL", percent(needs))))  # fmt: skip


def _urine(now: Values, base: Values, f: Followed, needs: float, low: float) -> Condition:
    """Fallen, or low; where it was not measurable at baseline it must not be high now, and need not be measured."""
    a, b = get(base, "urine"), get(now, "urine")
    high = np.asarray(b >= low)
    told = f.urine | (f.protein & high)
    words = change_text(a, b, "urine", "mg/24 h", f"{percent(needs)}, or below {low:g}")
    return Condition(np.where(f.urine, least(fall(a, b), needs) | below(b, low), ~high | ~f.protein), only(told, words))


def _light_chains(now: Values, base: Values, f: Followed, needs: float) -> Condition:
    a, b = get(base, "dFLC"), get(now, "dFLC")
    words = change_text(a, b, "involved less uninvolved light chain", "mg/dL", percent(needs))
    return Condition(~f.FLC | least(fall(a, b), needs), only(f.FLC, words))


def _lesion(now: Values, base: Values, f: Followed, needs: float) -> Condition:
    a, b = get(base, "SPD"), get(now, "SPD")
    return Condition(~f.lesion | least(fall(a, b), needs),
                     only(f.lesion, change_text(a, b, "plasmacytoma", "cm2", percent(needs))))  # fmt: skip


def _ratio_text(now: Values, c: Thresholds) -> Text:
    given = get(now, "ratio")
    over = get(now, "involved") / get(now, "uninvolved")
    plain = level_text(given, "ratio of kappa to lambda", "", f"{c.lowest_ratio:g} to {c.highest_ratio:g}")
    blind = f"(kappa to lambda must be {c.lowest_ratio:g} to {c.highest_ratio:g})"

    def text(i: int) -> str:
        if np.isnan(at(given, i)) and not np.isnan(at(over, i)):
            return f"involved over uninvolved light chain {at(over, i):.3g} {blind}"
        return plain(i)

    return text


def _band_text(seen: Floats, shifted: Floats, by: Rules) -> Text:
    plain = sign_text(seen, "immunofixation of the serum")

    def text(i: int) -> str:
        if at(seen, i) == 1 and at(shifted, i) == 0:
            end = "" if by.band == "shifted" else "; these rules let it block CR"
            return f"{plain(i)} (the band of a therapeutic antibody: the shift assay is negative{end})"
        return plain(i)

    return text
