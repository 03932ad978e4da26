"""Combination matrix: two drugs in one dish, every pair of doses, scored against every reference.

    survival       living cells over those of the untreated control at the stated time      what a viability assay reads
    excess         what a reference expects minus what is seen: positive is synergy

A partner acts on the cells as in a patient, at its level in the medium: a steroid kills by its own road, a proteasome
inhibitor kills and takes the proteasome away from the ligase, a MEK inhibitor takes MYC that hangs on RAS, another glue
holds the same cereblon. An antibody needs effectors: its matrix is run beside PBMC (`bench.matrix_wells`). Nothing else
couples two drugs here, and no term says "synergy": what a reference finds is the mechanism's. Roads that kill side by
side multiply, so two of them are independent in the sense of Bliss.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike

from cereblon.bench.adcc_protocol import Protocol
from cereblon.bench.combination import matrices, of_two, survival
from cereblon.bench.curve import NO_EFFECT, Floats, crossing
from cereblon.bench.degradation import ascending
from cereblon.bench.matrix_wells import ALONE_AT, BESIDE_AT, READABLE, Alone, Setting, WithEffectors, whole
from cereblon.bench.plate import UNTREATED, Readings, layout, measure
from cereblon.bench.plate import matrix as pairs
from cereblon.bench.spread import drawn
from cereblon.ground.errors import InputError, SolveError
from cereblon.ground.quantity import Estimate, Quantity
from cereblon.ground.vocabulary import printed
from cereblon.model import Model
from cereblon.model.coculture import coculture
from cereblon.model.culture import culture
from cereblon.records.cell import Cell
from cereblon.records.compound import Compound
from cereblon.records.compound import compound as compound_record
from cereblon.records.noise import Noise
from cereblon.records.regimen import hours
from cereblon.records.sources import Source
from cereblon.statistics.combination import Analysis, Matrix, Options, analyse
from cereblon.statistics.combination.analysis import Progress, made
from cereblon.statistics.combination.hill import Box
from cereblon.statistics.combination.scores import scores

if TYPE_CHECKING:
    import pandas as pd

STEPS, FOLD = 3, 3.0  # doses each side of the middle one, and how far apart
FAR, POINTS = 1e4, 33  # how far from its constant a drug alone is looked at, and on how many doses


@dataclass(frozen=True)
class Synergy:
    """Two drugs and their matrix, simulated or a user's, analysed: `analysis` holds references, numbers and flags.

    `readings` are the wells, where the matrix was measured; `setting` is the dish, where it was simulated.
    """

    compound: str
    partner: str
    cell: str
    at: str
    analysis: Analysis
    setting: Setting | None = None
    readings: Readings | None = field(default=None, repr=False)
    notes: tuple[str, ...] = ()

    def __getitem__(self, name: str) -> Estimate:
        """The score of a reference (`found["Bliss"]`, % of effect) or a number of a surface (`found["kappa"]`)."""
        return self.analysis[name]

    @property
    def model(self) -> Model | None:
        """The dish, where the matrix was simulated."""
        return None if self.setting is None else self.setting.model

    @property
    def matrix(self) -> Matrix:
        """Doses and survival."""
        return self.analysis.matrix

    @property
    def disagreement(self) -> str:
        """Which references say synergy and which antagonism; empty where they agree."""
        return self.analysis.disagreement

    def scores(self) -> pd.DataFrame:
        """One row per reference (see `Analysis.scores`)."""
        return self.analysis.scores()

    def numbers(self) -> pd.DataFrame:
        """One row per number of a surface (see `Analysis.surfaces`)."""
        return self.analysis.surfaces()

    def table(self) -> pd.DataFrame:
        """One row per condition: doses, survival, and for each reference expected, excess, low, high."""
        return self.analysis.table()

    def isobole(self, level: float = 0.5) -> pd.DataFrame:
        """Pairs of doses that leave `level` alive, measured and additive."""
        return self.analysis.isobole(level)

    def measured(
        self,
        replicates: int = 4,
        noise: str | Path | Noise | None = "luminescence",
        seed: int = 1,
        *,
        size: int = 384,
        untreated: int = 16,
        draws: int = 200,
        progress: Progress | None = None,
    ) -> Synergy:
        """The same matrix on plates: laid out, read with noise, normalised to its untreated wells, and analysed.

        `untreated` wells and as many blanks stand on each plate: an error of their means is in every well, and that of
        the blanks in no interval. The same seed gives the same wells and the same draws. Raises InputError for a
        matrix that was not simulated.
        """
        if self.model is None:
            raise InputError("only a simulated matrix can be measured", found="a matrix from a file")
        m = self.matrix
        wanted = [
            t
            for t in pairs(self.compound, m.dose1, self.partner, m.dose2)
            if t.concentration or t.partner_concentration
        ]
        plan = layout(
            wanted, replicates=replicates, size=size, untreated=untreated, blank=untreated, edge=False, seed=seed
        )
        known = {(float(a), float(b)): float(s) for a, b, s in zip(m.dose1, m.dose2, m.mean, strict=True)}
        doses = zip(plan.concentration, plan.partner_concentration, strict=True)
        fixed = {UNTREATED: 1.0, "blank": 0.0}
        held = [fixed.get(str(role), known.get(pair, math.nan)) for role, pair in zip(plan.role, doses, strict=True)]
        read = measure(plan, held, noise, seed, of="viability", cell=self.cell, time=float(hours(self.at))).normalised()
        found = analysed(read, self.analysis.options, draws=draws, seed=seed, progress=progress)[0]
        return replace(self, analysis=found.analysis, readings=read, notes=(*self.notes, *read.notes))

    def spread(self, draws: int = 100, seed: int = 1) -> Synergy:
        """The same matrix with intervals from those of the records' numbers, drawn (see `bench.spread`), and no noise.

        A reference whose interval leaves 0 outside has its sign whatever the assumed numbers are, within their
        intervals. Raises InputError for a matrix that was not simulated.
        """
        if self.setting is None:
            raise InputError("only a simulated matrix has records behind it", found="a matrix from a file")
        m, options = self.matrix, self.analysis.options
        numbers = drawn(self.setting.model, draws, seed)
        vary = {slot: np.repeat(column, m.mean.size) for slot, column in numbers.items()}
        given = np.tile(m.dose1, draws), np.tile(m.dose2, draws)
        alive = self.setting.alive(*given, vary, rtol=1e-4).reshape(draws, m.mean.size)
        control = alive[:, m.untreated]
        ended = np.isfinite(alive).all(axis=1)
        used = ended & (control[:, 0] >= READABLE)
        if not used.any():
            raise SolveError(f"none of {draws} draws reached the end of the run with targets in the untreated well")
        box = Box.around(m.mean, options.floor)
        found = scores(m, m.mean[None], options, box)
        parts = [scores(m, alive[used] / control[used], options, box)]
        analysis = made(m, options, found, parts, "the records' intervals", seed, corrected=False)
        lost = {"failed": int((~ended).sum()), f"leave less than {READABLE:.0%} of the targets beside effectors alone":
                int((ended & ~used).sum())}  # fmt: skip
        said = (f"{count} of {draws} draws {why} and are left out" for why, count in lost.items() if count)
        return replace(self, analysis=analysis, notes=(*self.notes, *said))

    def save(self, path: str | Path) -> Path:
        """Write `table()` as CSV, whole or not at all."""
        from cereblon.ground.files import write_atomically

        return write_atomically(Path(path), self.table().to_csv(index=False))

    def sources(self) -> dict[str, Source]:
        """The sources of the numbers that a simulated matrix was made of; none for a user's."""
        return {} if self.model is None else self.model.sources()

    @property
    def assumptions(self) -> tuple[str, ...]:
        """Addresses of those of its numbers that are assumed or recalled; none for a user's matrix."""
        return () if self.model is None else self.model.assumptions

    def __str__(self) -> str:
        where = " ".join(filter(None, (printed(self.cell) if self.cell else "", f"at {self.at}" if self.at else "")))
        return "\n".join(filter(None, (where, str(self.analysis), *(f"  {note}" for note in self.notes))))


def synergy(
    compound: str | Path | Compound,
    partner: str | Path | Compound,
    cell: str | Path | Cell = "H929",
    at: str | float | None = None,
    *,
    concentrations: ArrayLike | None = None,
    partner_concentrations: ArrayLike | None = None,
    refeed: str | float | None = None,
    protocol: Protocol | None = None,
    changes: Mapping[str, str | Quantity] | None = None,
    options: Options | None = None,
) -> Synergy:
    """The matrix of a glue and a partner (or another glue) in a dish, without noise, scored against every reference.

    Concentrations in nM, both drugs given at time 0 and read `at` a time (default "5 d"); by default seven doses
    three-fold apart around what halves the effect of each alone. `refeed` ("24 h") makes good what decayed, `changes`
    as in `Model.replace`, `options` are those of the analysis. `.measured(seed=...)` puts the matrix on plates,
    `.spread()` draws the records' intervals.

    An antibody on CD38 is run beside PBMC by the times and the E:T of `protocol` (`bench.Protocol`); `at` is then the
    time together (default "24 h", or that of a protocol that is given), and nothing is fed.

    Raises InputError for unknown names, a partner that does nothing to such cells, a drug beside itself, a protocol
    without an antibody, or concentrations that are not positive and ascending.

    >>> found = synergy("mezigdomide", "bortezomib", at="3 d")
    >>> abs(found["Bliss"].value) < found["HSA"].value
    True
    """
    glue = compound if isinstance(compound, Compound) else compound_record(compound)
    other = partner if isinstance(partner, Compound) else compound_record(partner)
    if glue.kind == "partner" or glue.name == other.name:
        raise InputError(
            "a combination is of a glue and another drug",
            found=f"{glue.name} and {other.name}",
            expected="a glue first, and a partner or another glue beside it",
            example='synergy("mezigdomide", "bortezomib")',
        )
    make = _beside_effectors if "CD38.Kd" in other else _alone
    setting, text = make(glue, other, cell, at, refeed, protocol, changes)
    given = []
    for first, drug, wanted in ((True, glue, concentrations), (False, other, partner_concentrations)):
        given.append(_around(setting, drug, first) if wanted is None else ascending(wanted))
    one, two = (np.append(0.0, doses) for doses in given)
    dose1, dose2 = (grid.ravel() for grid in np.meshgrid(one, two, indexing="ij"))
    alive = setting.alive(dose1, dose2)
    whole(alive, alive[0])
    names, units = (glue.name, other.name), ("nM", "nM")
    matrix = Matrix.of_wells(dose1, dose2, alive / alive[0], names=names, units=units)
    analysis = analyse(matrix, options, draws=0)
    return Synergy(
        glue.name, other.name, setting.model.stands["tumour"], text, analysis, setting, notes=setting.notes
    )


def _alone(
    glue: Compound, other: Compound, cell: str | Path | Cell, at: str | float | None, refeed: str | float | None,
    protocol: Protocol | None, changes: Mapping[str, str | Quantity] | None,
) -> tuple[Setting, str]:  # fmt: skip
    if protocol is not None:
        raise InputError(
            "a protocol is of an assay with effectors", where=other.name, found="no CD38.Kd", example="daratumumab"
        )
    is_partner = other.kind == "partner"
    model = culture(glue if is_partner else (glue, other), cell, partners=other if is_partner else ())
    text = _text(ALONE_AT if at is None else at)
    every = None if refeed is None else float(hours(refeed))
    return Alone(model.replace(changes or {}), glue.name, other.name, float(hours(text)), every), text


def _beside_effectors(
    glue: Compound, other: Compound, cell: str | Path | Cell, at: str | float | None, refeed: str | float | None,
    protocol: Protocol | None, changes: Mapping[str, str | Quantity] | None,
) -> tuple[Setting, str]:  # fmt: skip
    if refeed is not None:
        raise InputError(
            "wells beside PBMC are not fed", where=other.name, found=f"refeed {refeed}", expected="no refeed, or "
            "a protocol with a change of medium (replated, glue_stays)",
        )  # fmt: skip
    plan = protocol or Protocol(duration=BESIDE_AT)
    plan = plan if at is None else plan.replace(duration=at)
    numbers = dict(changes or {})
    if plan.NK_share is not None:
        numbers["NK.share"] = f"{plan.NK_share!r}"
    model = coculture(glue, cell, other).replace(numbers)
    return WithEffectors(model, glue.name, other.name, plan), _text(plan.duration)


def analysed(
    readings: Readings,
    options: Options | None = None,
    *,
    response: str | None = None,
    percent: bool | None = None,
    over_control: bool = False,
    draws: int = 200,
    seed: int = 1,
    progress: Progress | None = None,
) -> tuple[Synergy, ...]:
    """Every matrix of some readings, analysed: what `Readings.synergy` does (see `combination.survival` and
    `analyse`)."""
    of_two(readings)  # before anything is said of its scale
    return tuple(
        Synergy(
            part.matrix.names[0], part.matrix.names[1], part.cell, part.at,
            analyse(part.matrix, options, draws=draws, seed=seed, progress=progress),
            readings=part.readings, notes=part.notes,
        )
        for part in matrices(survival(readings, response, percent, over_control=over_control))
    )  # fmt: skip


def _around(setting: Setting, drug: Compound, first: bool) -> Floats:
    """Seven doses around the one that does half of what the drug alone can, or around its constant where it does
    nothing."""
    centre = _constant(setting.model, drug)
    doses = centre * np.logspace(-np.log10(FAR), np.log10(FAR), POINTS)
    given, none = np.append(0.0, doses), np.zeros(POINTS + 1)
    alive = setting.alive(given, none) if first else setting.alive(none, given)
    whole(alive, alive[0])
    left = alive[1:] / alive[0]
    if 1 - left.min() > NO_EFFECT:
        half = crossing(doses, left, (1 + float(left.min())) / 2, "nM", "half of the effect")
        centre = half.value if np.isfinite(half.value) else centre
    return np.array([float(f"{x:.2g}") for x in centre * FOLD ** np.arange(-STEPS, STEPS + 1.0)])


def _text(at: str | float) -> str:
    return at if isinstance(at, str) else f"{at:g} h"


def _constant(model: Model, drug: Compound) -> float:
    """The concentration (nM) that the record puts in the middle: its affinity, of a partner its EC50."""
    p = f"{drug.name}.proteasome"
    for address in (f"{drug.name}.CRBN.Kd", f"{drug.name}.CD38.Kd", f"{drug.name}.EC50", f"{drug.name}.ERK.EC50"):
        if address in model.values:
            return model[address].coherent
    return model[f"{p}.k_off"].coherent / model[f"{p}.k_on"].coherent
