"""Controls of a degradation assay: what must abolish it if it runs through CRL4, cereblon's pocket and the 26S.

    without, with      what is left of the protein, without and with the glue, over the untreated well
    loss               1 - with / without: what the glue takes, the control's own effect set aside
    blocked            1 - loss / loss of the glue alone: 1 abolished, 0 untouched

Inhibitors and the competing ligand are there first (`incubation`), then the glue. The clinical dose of a proteasome
inhibitor is the control that must not block. A competitor is judged beside the glue's concentration: a catalyst of
which a hundredth suffices is not displaced by a hundredfold excess.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike

from cereblon.bench.curve import NO_EFFECT, Floats
from cereblon.bench.degradation import SATURATING, SUBSTRATES, ascending, degradation, recruited, unmodified
from cereblon.bench.plate import BLANK, POSITIVE, UNTREATED, Readings, Treatment, layout, measure
from cereblon.bench.readout import DEFAULT, Scatter, as_readout, scatter
from cereblon.bench.spread import drawn, drawn_numbers, ranged
from cereblon.ground.errors import InputError
from cereblon.ground.quantity import Estimate, Quantity
from cereblon.ground.vocabulary import printed
from cereblon.model import Model, dish, exposure
from cereblon.model.tube import as_assay
from cereblon.records.assay import Assay
from cereblon.records.cell import Cell
from cereblon.records.compound import Compound
from cereblon.records.compound import compound as compound_record
from cereblon.records.reader import DATA
from cereblon.records.regimen import hours
from cereblon.records.sources import Source

if TYPE_CHECKING:
    import pandas as pd

NONE = "none"
ARMS: dict[str, str] = {
    NONE: "degrades",
    "NEDD8 inhibitor": "abolished",
    "proteasome inhibitor": "abolished",
    "competing ligand": "abolished",
    "no cereblon": "abolished",
    "clinical proteasome inhibitor": "untouched",
}
"""Control -> what must come of degradation under it."""
ABOLISHED, UNTOUCHED = 0.9, 0.1  # blocked so much, or no more
TENFOLD = 10  # times DC50: what most assays show, and what a competitor can still displace
RIVAL = "competitor"
_DOSED = "medium.volume"  # the concentrations are what was asked for, whatever the well holds


@dataclass(frozen=True)
class Controls:
    """Per control of `ARMS`: what is left `without` and `with_glue`, and `bands`, the part of the latter that carries
    no ubiquitin (which a Western blot shows at the protein's own weight).

    All over the untreated well. `draws` (draws, arms, 2) where `spread` made them.
    """

    compound: str
    of: str
    cell: str
    at: str
    concentration: float
    incubation: float
    without: Mapping[str, float]
    with_glue: Mapping[str, float]
    bands: Mapping[str, float]
    model: Model = field(repr=False)
    settings: Assay = field(repr=False)
    draws: Floats | None = field(default=None, repr=False)

    def loss(self, arm: str) -> float:
        """Share of the protein that the glue takes under a control, over the same control without it."""
        return 1 - self.with_glue[arm] / self.without[arm]

    def blocked(self, arm: str) -> Estimate:
        """Share of the glue's effect that the control takes away; NaN where the glue alone does nothing."""
        method = "1 - loss / loss of the glue alone"
        if not self.loss(NONE) > NO_EFFECT:
            return Estimate(np.nan, method=method, note="no effect")
        one = Estimate(1 - self.loss(arm) / self.loss(NONE), method=method)
        if self.draws is None:
            return one
        loss = 1 - self.draws[:, :, 1] / self.draws[:, :, 0]
        names = list(ARMS)
        found = 1 - loss[:, names.index(arm)] / loss[:, names.index(NONE)]
        return ranged(one, list(found), f"range of {len(found)} draws of the records' intervals")

    def verdict(self, arm: str) -> str:
        """ "abolished", "untouched" or "in part"; for the glue alone "degrades" or "no effect"."""
        if arm == NONE:
            return "degrades" if self.loss(NONE) > NO_EFFECT else "no effect"
        share = self.blocked(arm).value
        if not np.isfinite(share):
            return "no effect"
        return "abolished" if share >= ABOLISHED else "untouched" if share <= UNTOUCHED else "in part"

    def measured(
        self,
        *,
        readout: str | Path | Assay = "HiBiT",
        replicates: int = 3,
        seed: int = 1,
        plate: int = 96,
        noise: Scatter = DEFAULT,
    ) -> Readings:
        """A plate of all controls as a reader shows it: `role` is the control, the concentration 0 or that of the glue.

        The wells of the control "none" are the untreated ones without the glue, and the positive ones with it.
        `readout` is of every form of the protein ("HiBiT", or a file). Raises InputError as
        `bench.layout` and `bench.measure` do.
        """
        record = as_readout(readout, ("every form",))
        names = {NONE: POSITIVE}
        wells = [Treatment(self.compound, self.concentration, role=names.get(arm, arm)) for arm in ARMS]
        wells += [Treatment(role=f"{arm}, no glue") for arm in ARMS if arm != NONE]
        name = f"{self.compound}-"
        plan = layout(wells, replicates=replicates, size=plate, untreated=6, blank=3, seed=seed, plate=name)
        held = {names.get(arm, arm): left for arm, left in self.with_glue.items()}
        held |= {f"{arm}, no glue": left for arm, left in self.without.items()} | {UNTREATED: 1.0, BLANK: 0.0}
        return measure(
            plan, [held[str(role)] for role in plan.role], scatter(noise, record), seed,
            of=f"{record.symbol} of {printed(self.of)}", cell=self.cell, time=float(hours(self.at)),
            scale=record["signal.counts"].coherent,
        )  # fmt: skip

    @property
    def ok(self) -> bool:
        """Whether every control does what it must."""
        return all(self.verdict(arm) == expected for arm, expected in ARMS.items())

    def spread(self, draws: int = 50, seed: int = 1) -> Controls:
        """The same with intervals: the records' intervals, drawn (see `bench.spread`). Raises InputError."""
        numbers = {**drawn(self.model, draws, seed), **drawn_numbers(self.settings.values, draws, seed)}
        found = _run(self.model, self.settings, self.compound, self.of, self.concentration, self.incubation,
                     float(hours(self.at)), numbers, draws)  # fmt: skip
        return replace(self, draws=found[0])

    def table(self) -> pd.DataFrame:
        """One row per control: compound, of, cell, at, concentration (nM), control, without, with_glue, band, blocked
        (low, high), verdict, expected."""
        import pandas as pd

        head = {"compound": self.compound, "of": self.of, "cell": self.cell, "at": self.at}
        rows = []
        for arm, expected in ARMS.items():
            share = self.blocked(arm)
            rows.append(
                {
                    **head,
                    "concentration_nM": self.concentration,
                    "control": arm,
                    "without": self.without[arm],
                    "with_glue": self.with_glue[arm],
                    "band": self.bands[arm],
                    "blocked": share.value,
                    "low": share.low,
                    "high": share.high,
                    "verdict": self.verdict(arm),
                    "expected": expected,
                }
            )
        return pd.DataFrame(rows)

    def save(self, path: str | Path) -> Path:
        """Write `table()` as CSV, whole or not at all."""
        from cereblon.ground.files import write_atomically

        return write_atomically(Path(path), self.table().to_csv(index=False))

    def sources(self) -> dict[str, Source]:
        """The sources of the numbers of the dish and of the inhibitors."""
        return {**self.model.sources(), **self.settings.sources()}

    def __str__(self) -> str:
        glue = f"{self.concentration:.3g} nM {printed(self.compound)}"
        lines = [f"{printed(self.of)} in {printed(self.cell)} {self.at} after {glue}"]
        for arm, expected in ARMS.items():
            said = self.verdict(arm) if self.verdict(arm) == expected else f"{self.verdict(arm)}, expected {expected}"
            lines.append(
                f"  {arm}: {self.with_glue[arm]:.2f} left ({self.without[arm]:.2f} without the glue), "
                f"blocked {self.blocked(arm)}: {said}"
            )
        return "\n".join(lines)


def controls(
    compound: str | Path | Compound,
    of: str = "IKZF1",
    cell: str | Path | Cell = "H929",
    at: str | float = "4 h",
    concentration: str | float | None = None,
    *,
    incubation: str | float | None = None,
    settings: str | Path | Assay = "degradation_controls",
    substrates: Iterable[str] = SUBSTRATES,
    changes: Mapping[str, str | Quantity] | None = None,
) -> Controls:
    """The controls of one degradation assay, read `at` hours after the glue ("10 nM", or nM; default 10 times DC50).

    `incubation` is how long the inhibitors act before ("0 h": added with the glue; default that of `settings`, the
    record of their strengths). Raises InputError as `degradation` does.

    >>> found = controls("mezigdomide")
    >>> found.verdict("no cereblon"), found.verdict("clinical proteasome inhibitor")
    ('abolished', 'untouched')
    """
    glue = compound if isinstance(compound, Compound) else compound_record(compound)
    chosen, strengths = recruited(glue, of, substrates), as_assay(settings, "controls")
    if glue.name == RIVAL:
        raise InputError("the competing ligand cannot compete with itself", found=glue.name, example="mezigdomide")
    rival = compound_record(DATA / "controls" / f"{RIVAL}.toml")
    rival = rival.replace({f"{S}.Kd": rival["IKZF1.Kd"] for S in chosen})  # of no consequence: it closes nothing
    model = dish([glue, rival], cell, chosen)
    if changes:
        model = model.replace(changes)
    if concentration is None:
        half = degradation(glue, of, cell, at, substrates=chosen, changes=changes).DC50.value
        amount = TENFOLD * half if np.isfinite(half) else SATURATING * model[f"{glue.name}.CRBN.Kd"].coherent
    else:
        amount = (
            Quantity.parse(concentration).to("nM").value if isinstance(concentration, str) else float(concentration)
        )
    ascending([amount])
    before = strengths["CRL4.incubation"].coherent if incubation is None else float(hours(incubation))
    if not before >= 0:
        raise InputError("inhibitors are there before the glue", found=f"{before:g} h", example='incubation="1.5 h"')
    found, bands = _run(model, strengths, glue.name, of, amount, before, float(hours(at)), {}, 1)
    arms = list(ARMS)
    text = at if isinstance(at, str) else f"{at:g} h"
    return Controls(
        glue.name, of, model.stands["tumour"], text, amount, before,
        {arm: float(found[0, i, 0]) for i, arm in enumerate(arms)},
        {arm: float(found[0, i, 1]) for i, arm in enumerate(arms)},
        {arm: float(bands[0, i, 1]) for i, arm in enumerate(arms)},
        model, strengths,
    )  # fmt: skip


def _run(
    model: Model, settings: Assay, glue: str, of: str, amount: float, before: float, at: float,
    numbers: Mapping[str, Floats], draws: int,
) -> tuple[Floats, Floats]:  # fmt: skip
    """All forms of the protein, and what of it carries no ubiquitin, over the untreated well: (draws, arms, 2)."""
    own, count = {**model.coherent(), **settings.coherent()}, 2 * len(ARMS)
    vary = {slot: np.repeat(c, count) for slot, c in numbers.items() if slot in model.values and slot != _DOSED}

    def strength(address: str) -> Floats:
        return np.broadcast_to(numbers.get(settings.address(address), own[settings.address(address)]), (draws,))

    def put(arm: str, slot: str, column: ArrayLike) -> None:
        numbers = vary.get(slot, np.full(draws * count, own[slot])).reshape(draws, len(ARMS), 2).copy()
        numbers[:, list(ARMS).index(arm)] = np.reshape(column, (-1, 1))
        vary[slot] = numbers.ravel()

    put("NEDD8 inhibitor", "CRL4.inhibition@tumour", strength("CRL4.inhibition"))
    put("proteasome inhibitor", "proteasome.inhibition@tumour", strength("proteasome.inhibition"))
    put("clinical proteasome inhibitor", "proteasome.inhibition@tumour", strength("bortezomib.proteasome.inhibition"))
    put("no cereblon", "CRBN.total@tumour", 0.0)
    rival = np.zeros((draws, len(ARMS), 2))
    rival[:, list(ARMS).index("competing ligand")] = strength(f"{RIVAL}.total")[:, None]
    first = exposure(model, {RIVAL: rival.ravel()})
    second = exposure(model, {glue: np.tile([0.0, amount], len(ARMS) * draws)}, at=before)
    doses = [(*a, *b) for a, b in zip(first, second, strict=True)]
    bare = unmodified(of, (glue, RIVAL))
    result = model.simulate([0.0, before + at], doses, vary=vary, observe=[f"{of}.remaining", *bare], rtol=1e-6)
    left = result[f"{of}.remaining"][:, -1].reshape(draws, len(ARMS), 2)
    band = sum((result[name][:, -1] for name in bare), start=np.zeros(draws * count)).reshape(draws, len(ARMS), 2)
    untreated = (slice(None), slice(0, 1), slice(0, 1))
    return np.asarray(left / left[untreated]), np.asarray(band / band[untreated])
