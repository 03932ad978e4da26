"""ADCC in a dish: targets with a glue, then an antibody and PBMC; what is lysed, and what the read-outs make of it.

    taken               share of the plated targets that effectors took: what happened
    cytotoxicity        percent by LDH, each arm with its own controls (drug, no effectors)
    cytotoxicity_common percent by LDH, with drug-free controls only: what an assay without them would say
    dye                 share of the loaded dye that effectors let out: (experimental - target) / (1 - target)
    annexin             annexin-positive over all targets that have not fallen apart
    viability           living targets over all there ever were
    alive               living targets over those of the untreated control, losses before the assay counted

Three series around one protocol: antibody (`EC50`), E:T (`ratio50`) and time of pre-incubation. Concentrations are
nominal. The steroid acts on T and NK cells; what it does to the line itself in a dish is not known here.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike

from cereblon.bench.adcc_protocol import Design, Protocol, mass
from cereblon.bench.adcc_wells import GIVEN, wells
from cereblon.bench.curve import NO_EFFECT, Floats, crossing
from cereblon.bench.degradation import ascending
from cereblon.bench.immune import USUAL
from cereblon.bench.plate import Readings
from cereblon.bench.spread import drawn, ranged
from cereblon.bench.workflow import Workflow
from cereblon.ground.errors import InputError
from cereblon.ground.quantity import Estimate, Quantity, unit
from cereblon.ground.vocabulary import printed
from cereblon.model import Model
from cereblon.model.coculture import coculture
from cereblon.records.cell import Cell
from cereblon.records.compound import Compound
from cereblon.records.compound import compound as compound_record
from cereblon.records.dish import Dish
from cereblon.records.noise import Noise
from cereblon.records.regimen import hours
from cereblon.records.sources import Source

if TYPE_CHECKING:
    import pandas as pd

HEAD = ("series", "arm", "compound", "concentration", "antibody", "ratio", "preincubation")
ANTIBODIES = np.logspace(-2, 2, 9)  # nM
RATIOS = np.array([1.0, 2.5, 5.0, 10.0, 25.0, 50.0, 100.0])
TIMES = (0.0, 24.0, 48.0, 72.0)  # h
CARRIERS: Mapping[str, Mapping[str, float]] = {
    "CD38": {"CD38.interferon.gain@tumour": 0.0},
    "NK activity by IL-2": {"NK_activity.IL2.hill@NK_cell": 0.0},
    "NK activity by own loss of IKZF": {"NK_activity.IKZF.gain@NK_cell": 0.0},
    "NK number": {"NK.IL2.hill@NK_cell": 0.0},
    "direct kill": {"apoptosis.k_max@tumour": 0.0},
}
"""What a glue's gain may run through -> the number that shuts it (a steepness of 0 makes a response flat)."""

RISING = 0.1  # a curve whose last decade is more than this of its rise has not flattened
_KEPT = ("medium.volume", "PBMC.count", "cell.count")  # the experimenter's, not drawn
_NO_DRUG = "no drug"


@dataclass(frozen=True)
class ADCC:
    """`columns` by name, one entry per row of `table()`; `models` by the glue that they hold."""

    design: Design
    columns: Mapping[str, Any] = field(repr=False)
    models: Mapping[str, Model] = field(repr=False)
    draws: Mapping[str, Floats] | None = field(default=None, repr=False)

    def __getitem__(self, name: str) -> Any:
        return self.columns[name]

    @property
    def model(self) -> Model:
        """The model with the glue; the comparator has its own."""
        return self.models[self.design.glue]

    @property
    def workflow(self) -> Workflow:
        """The steps of this assay, with its numbers."""
        return self.design.workflow(self.model)

    # -- arms ----------------------------------------------------------------------------------------------

    @property
    def arms(self) -> tuple[str, ...]:
        """ "no drug", each glue, the antibody, and both; each also without effectors (", no PBMC")."""
        return tuple(self.columns["arm"][self.columns["series"] == "arms"])

    def of(self, read_out: str, arm: str) -> Estimate:
        """A read-out of one arm, with an interval after `spread`. Raises InputError for an unknown one."""
        return self.difference(read_out, arm)

    def difference(self, read_out: str, arm: str, other: str = "") -> Estimate:
        """What `arm` has more of than `other`; draw by draw after `spread`, so that what both share falls out."""
        if read_out not in self._read_outs:
            raise InputError("no such read-out", found=read_out, expected=", ".join(self._read_outs))
        rows = [self._row(one) for one in (arm, other) if one]
        value = float(self.columns[read_out][rows[0]]) - sum(float(self.columns[read_out][row]) for row in rows[1:])
        estimate = Estimate(value, method=f"{read_out}, {arm}" + (f" less {other}" if other else ""))
        if self.draws is None:
            return estimate
        found = self.draws[read_out]
        values = found[:, rows[0]] - (found[:, rows[1]] if other else 0)
        return ranged(estimate, list(values), f"range of {len(values)} draws of the records' intervals")

    def _row(self, arm: str) -> int:
        if arm not in self.arms:
            raise InputError("no such arm", found=arm, expected="; ".join(self.arms))
        return self.arms.index(arm)  # the arms stand first

    def spread(
        self, draws: int = 100, seed: int = 1, series: Iterable[str] = ("arms", "antibody", "ratio")
    ) -> ADCC:
        """The same with intervals: the records' intervals, drawn (see `bench.spread`), wherever the protocol is kept.

        Rows of another series than those given have none, as times of pre-incubation other than the protocol's.
        """
        kept = np.flatnonzero(np.isin(self.columns["series"], tuple(series)))
        found = {name: np.full((draws, self.columns["arm"].size), np.nan) for name in self._read_outs}
        for glue, model in self.models.items():
            mine = ("", glue) if glue == self.design.glue else (glue,)
            rows = kept[np.isin(self.columns["compound"][kept].astype(str), mine)]
            numbers = {s: np.repeat(c, rows.size) for s, c in drawn(model, draws, seed).items() if s not in _KEPT}
            given = {name: np.tile(self.columns[name][rows], draws) for name in GIVEN}
            for name, column in self._wells(glue, given | numbers).items():
                found[name][:, rows] = column.reshape(draws, rows.size)
        return replace(self, draws=found)

    @property
    def _read_outs(self) -> list[str]:
        return [name for name in self.columns if name not in HEAD]

    def _wells(self, glue: str, given: Mapping[str, Floats], protocol: Protocol | None = None) -> dict[str, Floats]:
        calendar = (protocol or self.design.protocol).calendar
        return wells(self.models[glue], glue, self.design.antibody, calendar, given, self.design.dexamethasone)

    def carriers(self, read_outs: Iterable[str] = ("taken", "annexin", "viability")) -> pd.DataFrame:
        """What carries the glue's gain over the antibody alone, found by shutting one way after the other.

        Columns: read_out, carrier, gain (all open), without (this one shut), carried (gain less without), alone (all
        others shut).
        """
        import pandas as pd

        shut = {slot: value for way in CARRIERS.values() for slot, value in way.items()}
        open_ = {slot: self.model[slot].coherent for slot in shut}
        cases = [
            {},
            *CARRIERS.values(),
            *({s: v for s, v in shut.items() if s not in way} for way in CARRIERS.values()),
        ]
        vary = {slot: np.repeat([case.get(slot, value) for case in cases], 2) for slot, value in open_.items()}
        d = self.design
        given = {
            "concentration": np.tile([0.0, d.concentration], len(cases)),
            "antibody": np.full(2 * len(cases), d.antibody_at),
            "ratio": np.full(2 * len(cases), d.protocol.ratio),
        }
        found, rows = self._wells(d.glue, given | vary), []
        for read_out in read_outs:
            gain, *others = np.diff(found[read_out].reshape(-1, 2))[:, 0]
            for i, carrier in enumerate(CARRIERS):
                without, alone = others[i], others[i + len(CARRIERS)]
                rows.append({"read_out": read_out, "carrier": carrier, "gain": gain, "without": without,
                             "carried": gain - without, "alone": alone})  # fmt: skip
        return pd.DataFrame(rows)

    # -- curves --------------------------------------------------------------------------------------------

    @cached_property
    def EC50(self) -> dict[str, Estimate]:
        """Glue ("" is none) -> antibody (nM) at half of what it adds to the cytotoxicity by LDH."""
        return {c: self._half("antibody", c, "nM") for c in self._compounds}

    @cached_property
    def ratio50(self) -> dict[str, Estimate]:
        """Glue ("" is none) -> E:T at half of the cytotoxicity by LDH at the highest E:T."""
        return {c: self._half("ratio", c, "1") for c in self._compounds}

    @property
    def _compounds(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys(self.columns["compound"]))

    def _half(self, series: str, compound: str, unit_: str) -> Estimate:
        c = self.columns
        rows = np.flatnonzero((c["series"] == series) & (c["compound"] == compound))
        rest = (c["series"] == "arms") & (c["compound"] == compound) & (c["antibody"] == 0)
        rest &= (c["ratio"] > 0) if series == "antibody" else (c["ratio"] == 0)
        base = int(np.flatnonzero(rest)[0])  # PBMC without antibody, or no PBMC
        found = _half_rise(c[series][rows], c["cytotoxicity"][rows], float(c["cytotoxicity"][base]), unit_)
        if self.draws is None:
            return found
        y = self.draws["cytotoxicity"]
        all_ = [_half_rise(c[series][rows], one[rows], float(one[base]), unit_).value for one in y]
        return ranged(found, all_, f"range of {len(y)} draws of the records' intervals")

    def plate(
        self, series: str = "antibody", replicates: int = 3, *, size: int = 96,
        noise: str | Path | Noise | None = "absorbance", seed: int = 1,
    ) -> Readings:  # fmt: skip
        """The LDH plates of a series ("antibody" or "ratio"), read with `noise` (None for none); `ldh` analyses them.

        Raises InputError where one arm with its controls does not fit on a plate of `size` wells.

        >>> from cereblon.bench.ldh import ldh
        >>> assay = adcc("mezigdomide", comparator=None)
        >>> print(len(ldh(assay.plate(noise=None), medium="200 uL", buffer="20 uL").groups), "conditions")
        20 conditions
        """
        from cereblon.bench.adcc_plate import plate

        return plate(self, series, replicates, size=size, noise=noise, seed=seed)

    def antibody_in(self, other: str) -> Floats:
        """The antibody's concentration of every row in another unit, molar or by mass; as it is (nM) for "1"."""
        if unit(other).is_dimensionless:
            return np.asarray(self.columns["antibody"])
        if unit(other).fits(unit("nM")):
            return np.asarray(self.columns["antibody"] / unit(other).factor)
        factor = unit("ug/mL").factor / unit(other).factor
        return np.asarray(mass(self.model, self.design.antibody, self.columns["antibody"]) * factor)

    # -- what every result has -------------------------------------------------------------------------------

    def table(self) -> pd.DataFrame:
        """One row per series and condition; concentrations in nM, antibody also in ug/mL, cytotoxicity in percent."""
        import pandas as pd

        units = {"concentration": "nM", "antibody": "nM", "preincubation": "h", "cytotoxicity": "percent"}
        names = {name: f"{name}_{unit_}" for name, unit_ in (units | {"cytotoxicity_common": "percent"}).items()}
        table = pd.DataFrame(dict(self.columns)).rename(columns=names)
        by_mass = mass(self.model, self.design.antibody, self.columns["antibody"])
        table.insert(5, "antibody_ug_per_mL", by_mass)
        table.insert(8, "dexamethasone_nM", self.design.dexamethasone)
        return table

    def save(self, path: str | Path) -> Path:
        """Write `table()` as CSV, whole or not at all."""
        from cereblon.ground.files import write_atomically

        return write_atomically(Path(path), self.table().to_csv(index=False))

    def sources(self) -> dict[str, Source]:
        """The sources of the numbers that the wells were made of."""
        return {key: source for model in self.models.values() for key, source in model.sources().items()}

    @property
    def assumptions(self) -> tuple[str, ...]:
        """Addresses of those of its numbers that are assumed or recalled."""
        return self.model.assumptions

    def __str__(self) -> str:
        d, p = self.design, self.design.protocol
        beside = f", {d.dexamethasone:.4g} nM dexamethasone" if d.dexamethasone else ""
        lines = [
            f"ADCC of {printed(self.model.stands['tumour'])} by {printed(d.antibody)}, E:T {p.ratio:g}:1, "
            f"{d.antibody_at:.3g} nM, {p.calendar.duration:g} h{beside}"
        ]
        for arm in self.arms:
            if not arm.endswith("no PBMC"):
                said = ", ".join(f"{name} {self.of(name, arm)}" for name in ("taken", "annexin", "viability"))
                lines.append(f"  {arm}: {said}, LDH {self.of('cytotoxicity', arm)} %")
        for compound, EC50 in self.EC50.items():
            both = ", ".join(f"{n} {'at least ' * (e.note[:8] == 'at least')}{e}" for n, e in
                             (("EC50", EC50), ("E:T50", self.ratio50[compound])))  # fmt: skip
            lines.append(f"  {printed(compound) or 'antibody alone'}: {both}")
        return "\n".join(lines)


def adcc(
    compound: str | Path | Compound,
    antibody: str | Path | Compound = "daratumumab",
    cell: str | Path | Cell = "MOLP8",
    concentration: str | float = 10.0,
    *,
    comparator: str | Path | Compound | None = "pomalidomide",
    comparator_at: str | float | None = None,
    antibody_at: str | float = "1 ug/mL",
    antibodies: ArrayLike | None = None,
    ratios: ArrayLike | None = None,
    preincubations: Iterable[str | float] = TIMES,
    dexamethasone: bool | str | float = False,
    protocol: Protocol | None = None,
    well: str | Path | Dish = "well96",
    changes: Mapping[str, str | Quantity] | None = None,
) -> ADCC:
    """The assay around one protocol: all arms, an antibody series, an E:T series, times of pre-incubation.

    `concentration` and `comparator_at` (default the same) are those of the glues ("10 nM", or nM), `antibody_at` that
    of the antibody where another thing is varied ("1 ug/mL", or nM); `antibodies` (nM), `ratios` and `preincubations`
    the series. `dexamethasone` as in `immune`. `changes` as in `Model.replace`. Raises InputError for unknown names, an
    antibody that does not bind CD38, concentrations or ratios that are not above 0 and ascending.

    >>> assay = adcc("mezigdomide", comparator=None)
    >>> bool(assay.difference("taken", "mezigdomide + daratumumab", "daratumumab").value > 0)
    True
    """
    glues = [c if isinstance(c, Compound) else compound_record(c) for c in (compound, comparator) if c is not None]
    drug = antibody if isinstance(antibody, Compound) else compound_record(antibody)
    if len(glues) > 1 and glues[0].name == glues[1].name:
        raise InputError("the comparator is the glue itself", found=glues[0].name, example="pomalidomide, or None")
    plan = protocol or Protocol()
    models = {glue.name: coculture(glue, cell, drug, well=well) for glue in glues}
    numbers: dict[str, str | Quantity] = {**(changes or {})}
    if plan.NK_share is not None:
        numbers["NK.share"] = f"{plan.NK_share!r}"
    models = {name: model.replace(numbers) for name, model in models.items()} if numbers else models
    at = _nM(concentration)
    design = Design(
        glue=glues[0].name,
        concentration=at,
        comparator=glues[1].name if len(glues) > 1 else "",
        comparator_at=at if comparator_at is None else _nM(comparator_at),
        antibody=drug.name,
        antibody_at=_nM(antibody_at, drug),
        antibodies=ANTIBODIES if antibodies is None else ascending(antibodies),
        ratios=RATIOS if ratios is None else ascending(ratios),
        preincubations=np.atleast_1d(hours(list(preincubations))),
        dexamethasone=(USUAL if dexamethasone else 0.0) if isinstance(dexamethasone, bool) else _nM(dexamethasone),
        protocol=plan,
    )
    ascending([design.concentration]), ascending([design.antibody_at])
    return _simulated(ADCC(design, {}, models))


def _simulated(empty: ADCC) -> ADCC:
    """The assay with its columns: arms first, then the series, glue by glue."""
    d, parts = empty.design, []
    of = {d.glue: [("", 0.0), (d.glue, d.concentration)]}
    of |= {d.comparator: [(d.comparator, d.comparator_at)]} if d.comparator else {}
    cross = [(level, ratio) for level in (0.0, d.antibody_at) for ratio in (0.0, d.protocol.ratio)]
    plans: dict[str, list[tuple[Protocol, list[tuple[float, float]]]]] = {
        "arms": [(d.protocol, cross)],
        "antibody": [(d.protocol, [(level, d.protocol.ratio) for level in d.antibodies])],
        "ratio": [(d.protocol, [(d.antibody_at, ratio) for ratio in d.ratios])],
        "preincubation": [
            (d.protocol.replace(preincubation=float(t)), [(d.antibody_at, d.protocol.ratio)]) for t in d.preincubations
        ],
    }
    for series, rounds in plans.items():
        for glue, arms in of.items():
            for name, level in arms:
                parts += [_part(empty, series, glue, name, level, plan, given) for plan, given in rounds]
    columns = {name: np.concatenate([part[name] for part in parts]) for name in parts[0]}
    return replace(empty, columns=columns)


def _part(
    empty: ADCC, series: str, glue: str, name: str, level: float, plan: Protocol, given: list[tuple[float, float]]
) -> dict[str, Any]:
    antibody, ratio = np.array(given).T
    put_in = {"concentration": np.full(ratio.size, level), "antibody": antibody, "ratio": ratio}
    both = [printed(name) if name else "", printed(empty.design.antibody)]
    arm = [
        (" + ".join(w for w in (both[0], both[1] if a else "") if w) or _NO_DRUG) + ("" if r else ", no PBMC")
        for a, r in given
    ]
    head = {"series": np.full(ratio.size, series), "arm": np.array(arm, dtype=object),
            "compound": np.full(ratio.size, name, dtype=object)}  # fmt: skip
    time = {"preincubation": np.full(ratio.size, plan.calendar.preincubated)}
    return head | put_in | time | empty._wells(glue, put_in, plan)


def _half_rise(x: Floats, y: Floats, low: float, unit_: str) -> Estimate:
    top = f"{x[-1]:.3g} {unit_}".removesuffix(" 1")
    method = f"half of the cytotoxicity at {top}"
    if not y[-1] - low > 100 * NO_EFFECT:  # percent
        return Estimate(np.nan, unit_, method=method, note="no effect")
    found = crossing(x, -y, -(low + float(y[-1])) / 2, unit_, method)
    last_decade = float(y[-1]) - float(np.interp(np.log(x[-1] / 10), np.log(x), y))
    rising = last_decade > RISING * (float(y[-1]) - low)
    return replace(found, note=f"at least: not flat at {top}") if rising and np.isfinite(found.value) else found


def _nM(level: str | float, drug: Compound | None = None) -> float:
    """A concentration in nM, from a number, "10 nM", or "1 ug/mL" of a drug whose molar mass is known."""
    if not isinstance(level, str):
        return float(level)
    quantity = Quantity.parse(level)
    if drug is not None and unit(quantity.unit).fits(unit("ug/mL")):
        return quantity.coherent / drug["molar_mass"].coherent
    return quantity.to("nM").value
