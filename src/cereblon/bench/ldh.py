"""LDH: percent cytotoxicity from the wells of a plate, with its interval, its controls checked, and its curves.

    cytotoxicity = 100 (experimental - effector - target) / (maximum - target)          each less its medium

Wells are `Readings`, or a file of them (`ldh_file`): `compound` and `concentration` are the antibody's, `partner` and
its concentration the drug's that the targets had, `group` is E:T ("25"), the role one of `ldh_file.ROLES`. A well is
read against the controls of its plate: effectors alone at its E:T, and targets alone, spontaneous and lysed, with its
drug; where there are none of these, against drug-free ones, and the result says so: a drug that lyses targets by itself
is then taken for the effectors' work, or, once that LDH has decayed, hides it. Lysis buffer that was put on top dilutes
what is read: `maximum` counts (V + v) / V times. The interval is that of a function of six means with unequal variances
(delta method; degrees of freedom after Welch 1947 and Satterthwaite 1946); nothing is clipped.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from cereblon.bench.curve import Floats
from cereblon.bench.ldh_file import EFFECTOR, EXAMPLE, MAXIMUM, TARGET, VOLUME, ratio_of, read_ldh, role_of
from cereblon.bench.lysis_curve import LysisCurve, over_antibody, over_ratio
from cereblon.bench.plate import BLANK, SAMPLE, Readings
from cereblon.ground.errors import InputError
from cereblon.ground.quantity import Estimate, Quantity

if TYPE_CHECKING:
    import pandas as pd

Rows = NDArray[np.intp]
NEEDED = (EFFECTOR, TARGET, MAXIMUM, BLANK)
LEAKY = 0.2  # a target that lets go of more than this by itself is no target

MOST_CONDITIONS = 5_000  # of a file: dozens of plates of 384


@dataclass(frozen=True)
class Group:
    """Replicate wells of one condition: percent `cytotoxicity` of all and of each of its `wells`; `leak` is spontaneous
    over maximum release."""

    plate: str
    drug: str
    drug_concentration: float
    antibody: str
    concentration: float
    ratio: float
    wells: Floats = field(repr=False)
    cytotoxicity: Estimate
    leak: float
    notes: tuple[str, ...] = ()


@dataclass(frozen=True)
class Lysis:
    """What an LDH plate says, condition by condition; `notes` are what the reader must know of all of them."""

    groups: tuple[Group, ...]
    of: str
    unit: str = "nM"
    drug_unit: str = "nM"
    notes: tuple[str, ...] = ()

    def __iter__(self) -> Iterator[Group]:
        return iter(self.groups)

    def __len__(self) -> int:
        return len(self.groups)

    def drug(self, group: Group) -> str:
        """The drug of a condition as it is said: "mezigdomide 10 nM", "no drug"."""
        level = group.drug_concentration
        return _said(group.drug or "drug", level, self.drug_unit) if level else "no drug"

    def antibody(self, group: Group) -> str:
        """The antibody of a condition as it is said."""
        level = group.concentration
        return _said(group.antibody or "antibody", level, self.unit) if level else "no antibody"

    def condition(self, group: Group) -> str:
        """All of a condition as it is said."""
        words = [group.plate]
        words += [self.drug(group)] if any(g.drug_concentration for g in self) else []
        words += [self.antibody(group)] if any(g.concentration for g in self) else []
        words += [] if math.isnan(group.ratio) else [f"E:T {group.ratio:g}"]
        return ", ".join(word for word in words if word) or SAMPLE

    @cached_property
    def antibody_curves(self) -> dict[str, LysisCurve]:
        """Drug -> the curve over the antibody, where four levels or more were tested."""
        return over_antibody(self)

    @cached_property
    def ratio_curves(self) -> dict[str, LysisCurve]:
        """Drug -> the curve over E:T, where four or more were tested."""
        return over_ratio(self)

    @property
    def EC50(self) -> dict[str, Estimate]:
        """Drug -> antibody at half of what it adds; NaN with a note where that lies outside what was tested."""
        return {name: curve.fit.EC50 for name, curve in self.antibody_curves.items()}

    @property
    def ratio50(self) -> dict[str, Estimate]:
        """Drug -> E:T at half of the largest cytotoxicity; NaN with a note as above."""
        return {name: curve.fit.EC50 for name, curve in self.ratio_curves.items()}

    def table(self) -> pd.DataFrame:
        """One row per condition: plate, drug, antibody, their concentrations, ratio, replicates, cytotoxicity_percent,
        low, high, leak (spontaneous over maximum release), notes."""
        import pandas as pd

        rows = [
            {
                "plate": g.plate,
                "drug": g.drug,
                "drug_concentration": g.drug_concentration,
                "antibody": g.antibody,
                "antibody_concentration": g.concentration,
                "ratio": g.ratio,
                "replicates": g.wells.size,
                "cytotoxicity_percent": g.cytotoxicity.value,
                "low": g.cytotoxicity.low,
                "high": g.cytotoxicity.high,
                "leak": g.leak,
                "notes": "; ".join(g.notes),
            }
            for g in self.groups
        ]
        return pd.DataFrame(rows)

    def save(self, path: str | Path) -> Path:
        """Write `table()` as CSV, whole or not at all."""
        from cereblon.ground.files import write_atomically

        return write_atomically(Path(path), self.table().to_csv(index=False))

    def __str__(self) -> str:
        lines = [f"{self.of}: {len(self.groups)} condition{'s' * (len(self.groups) > 1)}"]
        for g in self.groups:
            lines.append(f"  {self.condition(g)}: {g.cytotoxicity}" + (f" ({'; '.join(g.notes)})" if g.notes else ""))
        lines += [f"  EC50 of the antibody, {name}: {value}" for name, value in self.EC50.items()]
        lines += [f"  E:T50, {name}: {value}" for name, value in self.ratio50.items()]
        return "\n".join((*lines, *self.notes))


def ldh(
    readings: Readings | str | Path,
    *,
    columns: Mapping[str, str] | None = None,
    medium: str | float | None = None,
    buffer: str | float | None = None,
    blanked: bool = False,
    loaded: bool = False,
) -> Lysis:
    """Percent cytotoxicity of every condition of an LDH plate (see the top of the file for the columns that it reads).

    `readings` may be the path of a file with a row a well, and `columns` what its columns mean (see `read_ldh`).
    `medium` and `buffer` are the volume of a well and of the lysis buffer that the maximum wells got on top ("100 uL",
    or uL); without them nothing is corrected. `blanked`: the readings are already less the medium. `loaded`: targets
    alone carry what is read (calcein, Cr-51), so effectors need no control. Raises InputError for an unknown role, a
    control that is missing, a maximum that is not above the spontaneous release.

    >>> plate = Readings([1.20, 0.25, 0.15, 1.65], role=["sample", "effector", "target", "maximum"])
    >>> print(ldh(plate, blanked=True).groups[0].cytotoxicity)
    53.3 %
    """
    if not isinstance(readings, Readings):
        readings = read_ldh(readings, columns=columns)
    roles = np.array([role_of(str(role)) for role in readings.role])
    ratios = [ratio_of(str(ratio)) for ratio in readings.group]
    told = np.array(["" if math.isnan(ratio) else f"{ratio:g}" for ratio in ratios])
    known = readings.replace(role=roles, group=told).where(np.isfinite(readings.value))
    dilution = _dilution(medium, buffer)
    sample = known.where(known.role == SAMPLE)
    names = ("plate", "compound", "concentration", "partner", "partner_concentration", "group")
    several = len(set(zip(*(getattr(sample, name).tolist() for name in names), strict=True)))
    if several > MOST_CONDITIONS:
        raise InputError("more conditions than an LDH analysis takes", where=readings.of, found=f"{several:,}",
                         expected=f"at most {MOST_CONDITIONS:,}; several files")  # fmt: skip
    groups = []
    for plate in dict.fromkeys(known.plate.tolist()):
        here = known.where(known.plate == plate)
        groups += [_group(here, rows, dilution, blanked, loaded) for rows in _conditions(here)]
    if not groups:
        raise InputError(
            "there is no well with targets, effectors and antibody",
            where=readings.of,
            found=", ".join(dict.fromkeys(roles.tolist())),
            expected=f"wells of role {SAMPLE}",
            example=EXAMPLE,
        )
    of, units = readings.of, (readings.unit, readings.partner_unit)
    return Lysis(tuple(groups), of, *units, (*readings.notes, *_remarks(readings, roles, dilution, blanked)))


def _dilution(medium: str | float | None, buffer: str | float | None) -> float:
    """(V + v) / V, or 1 where nothing is said of volumes."""
    if medium is None and buffer is None:
        return 1.0
    if medium is None or buffer is None:
        raise InputError(
            "a volume is corrected by two",
            where="medium" if buffer is None else "buffer",
            found=f"medium {medium or 'not given'}, buffer {buffer or 'not given'}",
            expected="the volume of the well and that of the lysis buffer",
            example='medium="100 uL", buffer="10 uL"',
        )
    V, v = (Quantity.parse(x).to("uL").value if isinstance(x, str) else float(x) for x in (medium, buffer))
    if not (math.isfinite(V) and V > 0 and math.isfinite(v) and v >= 0):
        raise InputError("volumes above 0", found=f"{V:g} and {v:g} uL", example="100 uL, 10 uL")
    return (V + v) / V


def _conditions(here: Readings) -> Iterator[Rows]:
    """Rows of each condition of the samples of one plate: by drug, then E:T, then antibody, each ascending."""
    ratios = np.array([ratio_of(str(ratio)) for ratio in here.group])
    columns = (
        here.partner,
        here.partner_concentration,
        np.nan_to_num(ratios, nan=-1.0),
        here.compound,
        here.concentration,
    )
    keys = list(zip(*(column.tolist() for column in columns), strict=True))
    members: dict[tuple[Any, ...], list[int]] = {}
    for row in np.flatnonzero(here.role == SAMPLE):
        members.setdefault(keys[row], []).append(int(row))
    for key in sorted(members):
        yield np.array(members[key])


@dataclass(frozen=True)
class _Mean:
    """Mean of replicate wells, the variance of that mean (NaN for one well), and how many there are."""

    value: float
    variance: float
    count: int

    @classmethod
    def of(cls, values: Floats) -> _Mean:
        if not values.size:
            return cls(0.0, 0.0, 0)
        spread = float(values.var(ddof=1)) / values.size if values.size > 1 else math.nan
        return cls(float(values.mean()), spread, int(values.size))


def _group(here: Readings, rows: Rows, dilution: float, blanked: bool, loaded: bool) -> Group:
    first = int(rows[0])
    ratio, drug, level = str(here.group[first]), str(here.partner[first]), float(here.partner_concentration[first])
    where = " ".join(filter(None, (str(here.plate[first]), f"wells {_wells(here, rows)}" if here.well[first] else "")))
    notes: list[str] = []

    def control(role: str) -> Rows:
        if (blanked and role == BLANK) or (loaded and role == EFFECTOR):
            return np.array([], dtype=int)
        found = _controls(here, role, ratio if role == EFFECTOR else "", drug, level, notes)
        if not found.size and role != VOLUME:
            of = f" at E:T {ratio}" if role == EFFECTOR and ratio else ""
            present = ", ".join(dict.fromkeys(here.role.tolist()))
            hint = "; blanked=True for readings that are already less the medium" if role == BLANK else ""
            raise InputError(f"there is no control of role {role}{of}", where=where, found=present,
                             expected=f"wells of roles {', '.join(NEEDED)}{hint}", example=EXAMPLE)  # fmt: skip
        return found

    controls = {role: control(role) for role in (EFFECTOR, TARGET, MAXIMUM, BLANK, VOLUME)}
    wells = np.asarray(here.value[rows])
    means = {SAMPLE: _Mean.of(wells)} | {role: _Mean.of(here.value[found]) for role, found in controls.items()}
    if not controls[VOLUME].size:
        means[VOLUME] = _Mean(means[BLANK].value, 0.0, 0)
    top = (means[MAXIMUM].value - means[VOLUME].value) * dilution
    base = means[TARGET].value - means[BLANK].value
    if not top > base:
        lysed, living = (_wells(here, controls[role]) for role in (MAXIMUM, TARGET))
        raise InputError(
            "maximum release is not above spontaneous release",
            where=where,
            found=f"{top:.4g} in {lysed} and {base:.4g} in {living}",
            expected="lysed targets that read more than living ones",
        )
    leak = base / top
    if leak > LEAKY:
        notes.append(f"targets leak {leak:.0%} of the maximum, more than {LEAKY:.0%}")
    estimate = _percent(means, dilution, bool(controls[VOLUME].size), loaded)
    if estimate.value > 100:
        notes.append("above the maximum")
    number = ratio_of(ratio)
    effectors = 0.0 if loaded else means[EFFECTOR].value - means[BLANK].value
    per_well = 100 * (wells - effectors - means[TARGET].value) / (top - base)
    antibody, concentration = str(here.compound[first]), float(here.concentration[first])
    said = tuple(dict.fromkeys(notes))
    return Group(str(here.plate[first]), drug, level, antibody, concentration, number, per_well, estimate, leak, said)


def _controls(here: Readings, role: str, ratio: str, drug: str, level: float, notes: list[str]) -> Rows:
    """Rows of the controls that fit a condition: with its drug where there are such, else without any."""
    rows = np.flatnonzero(here.role == role)
    if role in (BLANK, VOLUME):
        return rows
    if role == EFFECTOR and ratio:
        same = rows[here.group[rows] == ratio]
        rows = same if same.size else rows[here.group[rows] == ""]
    own = rows[(here.partner[rows] == drug) & (here.partner_concentration[rows] == level)]
    if own.size or not rows.size:
        return own
    plain = rows[here.partner_concentration[rows] == 0]
    if role != EFFECTOR and level:
        notes.append("no control with the drug and without effectors: drug-free targets instead")
    return plain


def _percent(means: Mapping[str, _Mean], dilution: float, volume: bool, loaded: bool) -> Estimate:
    """The percentage and its 95 % interval; none where a role has a single well."""
    e, f, t, m, b, v = (means[role].value for role in (SAMPLE, EFFECTOR, TARGET, MAXIMUM, BLANK, VOLUME))
    over, under = e - t - (0.0 if loaded else f - b), (m - v) * dilution - (t - b)
    value = 100 * over / under
    slope = value / under
    steps = {
        SAMPLE: 100 / under,
        EFFECTOR: -100 / under,
        TARGET: -100 / under + slope,
        MAXIMUM: -slope * dilution,
        BLANK: (0.0 if loaded else 100 / under) - slope + (0.0 if volume else slope * dilution),
        VOLUME: slope * dilution if volume else 0.0,
    }
    method = "delta method, Welch-Satterthwaite"
    parts = {role: steps[role] ** 2 * means[role].variance for role in steps if means[role].count}
    single = [role for role in parts if means[role].count == 1]
    if single:
        return Estimate(value, "%", method=method, note=f"no interval: one well of {', '.join(single)}")
    whole = sum(parts.values())
    if not whole > 0:
        return Estimate(value, "%", value, value, method=method, note="all replicates are equal")
    from scipy.stats import t as student

    freedom = whole**2 / sum(part**2 / (means[role].count - 1) for role, part in parts.items())
    half = float(student.ppf(0.975, freedom)) * math.sqrt(whole)
    return Estimate(value, "%", value - half, value + half, method=method)


def _said(name: str, level: float, unit: str) -> str:
    return f"{name} {level:.4g} {unit}".removesuffix(" 1")


def _wells(here: Readings, rows: Rows) -> str:
    names = [str(here.well[row]) or f"row {row + 1}" for row in rows]
    return ", ".join(names[:6]) + (f" and {len(names) - 6} more" if len(names) > 6 else "")


def _remarks(readings: Readings, roles: Any, dilution: float, blanked: bool) -> list[str]:
    found = []
    if readings.missing:
        found.append(f"{readings.missing} well{'s' * (readings.missing > 1)} without a reading")
    if blanked and BLANK in roles:
        found.append("medium wells were not taken off: the readings are said to be blanked")
    if VOLUME in roles and dilution == 1:
        found.append("there are volume controls, but no volumes: the maximum is blanked by them and not scaled")
    return found
