"""Cohorts: patients drawn from a population, each the same whoever stands beside it.

    patients = population("triple_class_refractory").sample(101, seed=1)
    simulate(regimen("mezi_dex", cycles=6), patients)

Patient i of seed s draws every number from a stream of its own, keyed by (s, address) and counted by i (Philox 4x64,
Salmon 2011). So a patient does not change with the size of the cohort or its order, and a number that comes to vary
shifts no other's draws. Deviations are normal in the logarithm of a number, in the logit of a share; correlated
ones are mixed by a Cholesky factor in the order in which the population names them. Who does not meet the entry
criteria (`least`, `most`) is drawn again until he does, in that number and those correlated with it: the distribution
is truncated, nobody is moved to its edge, and nothing else of him changes.
"""

from __future__ import annotations

import hashlib
import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, fields
from pathlib import Path
from statistics import NormalDist
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from cereblon.ground.errors import InputError, RecordError
from cereblon.ground.vocabulary import vocabulary
from cereblon.model import Model
from cereblon.records import population as records
from cereblon.records.patient import Patient

if TYPE_CHECKING:
    import pandas as pd

Floats = NDArray[np.float64]
Pair = tuple[str, str, float]  # two addresses and the correlation of their deviations
LARGEST = 10_000_000  # patients
_BLOCK = 4  # 64-bit words that one count of Philox gives
_NORMAL = NormalDist()
MOST_DRAWS = 1000  # of one patient, until he meets the entry criteria


@dataclass(frozen=True)
class Population(records.Population):
    """A population's record that can be sampled."""

    __hash__ = records.Population.__hash__
    __str__ = records.Population.__str__

    def sample(self, n: int, seed: int = 1) -> Cohort:
        """Patients 0 to n - 1 of `seed`. Raises InputError for a number of patients that is none."""
        if isinstance(n, bool) or not isinstance(n, int) or not 1 <= n <= LARGEST:
            raise InputError("a cohort is a whole number of patients", where="n", found=repr(n), example="n=101")
        return Cohort(self, seed, tuple(range(n)))


def population(name_or_path: str | Path) -> Population:
    """A population by name, or from a user's `.toml` file, ready to be sampled. Raises InputError or RecordError.

    >>> len(population("triple_class_refractory").sample(101, seed=1))
    101
    """
    record = records.population(name_or_path)
    return Population(**{f.name: getattr(record, f.name) for f in fields(record)})


@dataclass(frozen=True)
class Cohort:
    """Some patients of a population, by number: `cohort[3]`, `cohort[:50]` are cohorts too."""

    population: records.Population
    seed: int
    patients: tuple[int, ...]

    def __post_init__(self) -> None:
        if isinstance(self.seed, bool) or not isinstance(self.seed, int) or not 0 <= self.seed < 2**64:
            raise InputError("a seed is a whole number from 0 up", where="seed", found=repr(self.seed), example="1")

    def __len__(self) -> int:
        return len(self.patients)

    def __getitem__(self, which: int | slice) -> Cohort:
        chosen = self.patients[which] if isinstance(which, slice) else (self.patients[which],)
        return Cohort(self.population, self.seed, chosen)

    @property
    def body(self) -> Patient:
        """The patient around whom the others vary."""
        return self.population.body

    @property
    def cells(self) -> Mapping[str, str]:
        """Cells that stand elsewhere than in the typical patient."""
        return self.population.cells

    # -- draws ---------------------------------------------------------------------------------------------

    def uniform(self, address: str) -> Floats:
        """One number between 0 and 1 per patient, the same for a patient of this seed in any cohort."""
        key = hashlib.sha256(address.encode()).digest()[:8]
        stream = np.random.Philox(key=np.array([self.seed, int.from_bytes(key, "little")], dtype=np.uint64))
        words = stream.random_raw((max(self.patients, default=0) + 1) * _BLOCK)[::_BLOCK]
        half = 1 / 2  # keeps both ends open
        return ((words[list(self.patients)] >> np.uint64(11)).astype(np.float64) + half) / 2**53

    def uniforms(self, address: str, count: int) -> Floats:
        """`count` numbers between 0 and 1 per patient, (patients, count); a longer row begins as a shorter one."""
        key = hashlib.sha256(address.encode()).digest()[:8]
        pair = np.array([self.seed, int.from_bytes(key, "little")], dtype=np.uint64)
        stream = np.random.Philox(key=pair)  # one, set to each patient's counter: a new one costs ten times as much
        fresh, words = stream.state, np.empty((len(self), count), dtype=np.uint64)
        for row, i in enumerate(self.patients):
            fresh["state"]["counter"] = np.array([0, i + 1, 0, 0], dtype=np.uint64)
            stream.state = fresh
            words[row] = stream.random_raw(count)
        half = 1 / 2  # keeps both ends open
        return ((words >> np.uint64(11)).astype(np.float64) + half) / 2**53

    def normal(self, address: str) -> Floats:
        """One standard normal number per patient; scalar arithmetic, so that it does not depend on the cohort."""
        return np.array([_NORMAL.inv_cdf(u) for u in self.uniform(address).tolist()])

    def kind(self, group: str) -> tuple[str, ...]:
        """Which kind of `group` (isotype, lesion, ...) each patient is."""
        kinds = self.population.kinds[group]
        edges = np.cumsum([kind.share.coherent for kind in kinds])[:-1]
        return tuple(kinds[i].name for i in np.searchsorted(edges, self.uniform(f"group.{group}"), side="right"))

    # -- numbers -------------------------------------------------------------------------------------------

    def numbers(self, model: Model) -> dict[str, Floats]:
        """Slot of the model -> one coherent number per patient, for all that differs from the model.

        Beside slots, what the typical patient has and no equation reads (`age`, in h). Raises RecordError for
        correlations that no patients can have, InputError for entry criteria that hardly anybody meets.
        """
        spread, pairs = self._spread(model)
        raw = {address: self.normal(address) for address in spread}
        found, draw = self._made(model, raw, spread, pairs), 0
        while out := self._outside(found):
            draw += 1
            failing = np.flatnonzero(np.any(list(out.values()), axis=0))
            blocks = {name: _together(name.partition(".")[2], found, spread, pairs) for name in out}
            worst = max(out, key=lambda name: (not blocks[name], int(out[name].sum())))
            if draw == MOST_DRAWS or not blocks[worst]:
                raise InputError(
                    f"hardly anybody meets the entry criteria: {len(failing)} of {len(self)} patients not in "
                    f"{draw} draws", where=f"{self.population.name}: {worst}", found=self._criterion(worst),
                    expected="criteria that a good part of the patients meets",
                )  # fmt: skip
            for name, bad in out.items():
                again = self._some(np.flatnonzero(bad))
                for address in blocks[name]:
                    raw[address][bad] = again.normal(f"{address}, draw {draw}")
            own = {address: z[failing] for address, z in raw.items()}
            for slot, column in self._some(failing)._made(model, own, spread, pairs).items():
                found[slot][failing] = column
        return found

    def _some(self, which: NDArray[np.int64]) -> Cohort:
        return Cohort(self.population, self.seed, tuple(self.patients[i] for i in which.tolist()))

    def _outside(self, found: Mapping[str, Floats]) -> dict[str, NDArray[np.bool_]]:
        """Criterion -> who does not meet it; who has none of a thing (0) is not asked for it."""
        out: dict[str, NDArray[np.bool_]] = {}
        for word, table, beyond in zip(("least", "most"), self.population.bounds, (np.less, np.greater), strict=True):
            for address, value in table.items():
                for slot in slots(address, found):
                    bad = beyond(found[slot], value.coherent) & (found[slot] != 0)
                    if bad.any():
                        out[f"{word}.{address}"] = bad | out.get(f"{word}.{address}", bad)
        return out

    def _criterion(self, name: str) -> str:
        word, _, address = name.partition(".")
        least, most = self.population.bounds
        return f"{word} {(least if word == 'least' else most)[address]}"

    def _made(
        self, model: Model, raw: Mapping[str, Floats], spread: Mapping[str, float], pairs: Sequence[Pair]
    ) -> dict[str, Floats]:
        """All numbers by their `raw` deviations, whoever meets the criteria."""
        inside = {a.removeprefix(f"{self.body.name}."): q for a, q in self.body.values.items()}
        base = {a: q.coherent for a, q in {**inside, **model.values}.items()}
        found: dict[str, Floats] = {}

        def start(slot: str) -> Floats:
            return found.get(slot, np.full(len(self), base[slot]))

        for address, value in self.population.medians.items():
            found |= {slot: np.full(len(self), value.coherent) for slot in slots(address, base)}
        for group, kinds in self.population.kinds.items():
            member = np.array(self.kind(group))
            for kind in kinds:
                for address, value in kind.numbers.items():
                    for slot in slots(address, base):
                        found[slot] = np.where(member == kind.name, value.coherent, start(slot))
        shifts: dict[str, Floats] = {}
        for address, z in self._mixed(raw, pairs).items():
            for slot in slots(address, base):
                shifts[slot] = shifts.get(slot, np.zeros(len(self))) + spread[address] * z
        for slot, shift in shifts.items():
            found[slot] = _shifted(slot, start(slot), shift)
        for slot, factor in self._covariates(model, found).items():
            found[slot] = start(slot) * factor
        return found

    def _covariates(self, model: Model, found: Mapping[str, Floats]) -> dict[str, Floats]:
        """Slot -> the factor that compounds' records give for weight (a power), kidney (per mL/min) or a kind."""
        out: dict[str, Floats] = {}
        member = {kind.name: (group, kind.name) for group, kinds in self.population.kinds.items() for kind in kinds}
        for record in model.records:
            for address, q in record.values.items():
                modifier, _, rest = address.removeprefix(f"{record.name}.").partition(".")
                covariate, _, name = rest.partition(".")
                slot = f"{record.name}.{name}"
                if modifier != "covariate" or slot not in model.values:
                    continue
                factor = None
                if covariate in member:
                    group, kind = member[covariate]
                    factor = np.where(np.array(self.kind(group)) == kind, q.coherent, 1.0)
                elif covariate in found and covariate in self.body:
                    own, usual = found[covariate], self.body[covariate].coherent
                    power = covariate == "weight"
                    factor = (own / usual) ** q.coherent if power else 1 + q.coherent * (own - usual)
                if factor is not None:
                    out[slot] = out.get(slot, np.ones(len(self))) * factor
        return out

    def covariates(self, model: Model) -> pd.DataFrame:
        """One row per covariate of the record: its group or address, and what it moves in this model ("" for nothing).

        What moves nothing is carried for subgroups alone: patients who differ in it differ by chance.
        """
        import pandas as pd

        moved: dict[str, list[str]] = {}
        for group, kinds in self.population.kinds.items():
            own = [address for kind in kinds for address in kind.numbers]
            moved[group] = [s for address in own for s in slots(address, model.values)]
            moved[group] += [s for kind in kinds for s in self._moved_by(kind.name, model)]
        for address in self.population.variability:
            if address in self.body and not slots(address, model.values):
                moved[address] = ["dose of the elderly"] if address == "age" else self._moved_by(address, model)
        return pd.DataFrame(
            [{"covariate": name, "moves": ", ".join(dict.fromkeys(what))} for name, what in moved.items()]
        )

    def _moved_by(self, covariate: str, model: Model) -> list[str]:
        start = [(f"{r.name}.covariate.{covariate}.", r) for r in model.records]
        found = [f"{r.name}.{a.removeprefix(s)}" for s, r in start for a in r.values if a.startswith(s)]
        return [slot for slot in found if slot in model.values]

    def table(self, model: Model) -> pd.DataFrame:
        """One row per patient: its number, its kinds, and all that differs, in the units of the model or record."""
        import pandas as pd

        from cereblon.ground.quantity import unit

        columns: dict[str, object] = {"patient": self.patients}
        columns |= {group: self.kind(group) for group in self.population.kinds}
        for slot, column in self.numbers(model).items():
            shown = model.values[slot].unit if slot in model.values else self.body[slot].unit
            columns[f"{slot} ({shown})" if shown not in ("", "1") else slot] = column / unit(shown).factor
        return pd.DataFrame(columns)

    def _spread(self, model: Model) -> tuple[dict[str, float], list[Pair]]:
        """Standard deviations by address and (one, other, correlation): of the population, and of the compounds."""
        spread = {a: q.coherent for a, q in self.population.variability.items()}
        pairs = [(c.one, c.other, c.value.coherent) for c in self.population.correlations]
        for record in model.records:
            if "CL" not in record and "CL_F" not in record:
                continue
            inside = {a.removeprefix(f"{record.name}."): q for a, q in record.values.items()}
            own = {a.partition(".")[2]: q for a, q in inside.items() if a.startswith("variability.")}
            for address, q in own.items():
                spread.setdefault(f"{record.name}.{address}", q.coherent)
            for address, q in inside.items():
                modifier, *both = address.split(".")
                if modifier == "covariance" and len(both) == len(("one", "other")):
                    one, other = both
                    together = q.coherent / (own[one].coherent * own[other].coherent)
                    pairs.append((f"{record.name}.{one}", f"{record.name}.{other}", together))
        return spread, pairs

    def _mixed(self, raw: Mapping[str, Floats], pairs: Sequence[Pair]) -> dict[str, Floats]:
        """Address -> standard normal deviations, correlated as `pairs` say, from independent ones."""
        drawn = dict(raw)
        mixed = [a for a in dict.fromkeys(a for one, other, _ in pairs for a in (one, other)) if a in drawn]
        if not mixed:
            return drawn
        matrix = np.eye(len(mixed))
        for one, other, value in pairs:
            if one in drawn and other in drawn:
                i, j = mixed.index(one), mixed.index(other)
                matrix[i, j] = matrix[j, i] = value
        try:
            factor = np.linalg.cholesky(matrix)
        except np.linalg.LinAlgError:
            raise RecordError(
                "no patients have these correlations together", where=self.population.name, found=", ".join(mixed)
            ) from None
        own = {address: drawn[address] for address in mixed}
        for i, address in enumerate(mixed):
            # one term after the other, not a matrix product: its rounding would depend on the cohort's size
            total = np.zeros(len(self))
            for j, other in enumerate(mixed[: i + 1]):
                total = total + factor[i, j] * own[other]
            drawn[address] = total
        return drawn

    def __str__(self) -> str:
        return f"{len(self)} patients of {self.population.symbol}, seed {self.seed}"


def slots(address: str, known: Mapping[str, object]) -> list[str]:
    """The slots that an address of a population names: itself, X at the place of `place.X`, or X at every place.

    >>> slots("tumour.CRBN.total", {"CRBN.total@tumour": 1, "CRBN.total@marrow": 1})
    ['CRBN.total@tumour']
    >>> slots("CRBN.total", {"CRBN.total@tumour": 1, "CRBN.total@marrow": 1})
    ['CRBN.total@tumour', 'CRBN.total@marrow']
    """
    if address in known:
        return [address]
    place, _, rest = address.partition(".")
    if f"{rest}@{place}" in known:
        return [f"{rest}@{place}"]
    return [slot for slot in known if slot.partition("@")[0] == address]


def _together(address: str, known: Mapping[str, object], spread: Iterable[str], pairs: Sequence[Pair]) -> set[str]:
    """The addresses that vary the slots of `address`, and those whose deviations hang together with theirs."""
    wanted = set(slots(address, known))
    found = {own for own in spread if wanted & set(slots(own, known))}
    varied = set(spread)
    while more := {x for one, other, _ in pairs if {one, other} & found for x in (one, other) if x in varied} - found:
        found |= more
    return found


def _shifted(slot: str, median: Floats, shift: Floats) -> Floats:
    """The median moved by so many logarithms, or logits where the number is a share; 0 (none) stays 0, and 1 stays."""
    word = vocabulary().get(slot.partition("@")[0].rpartition(".")[2])
    move = _in_logit if word is not None and word.range == "fraction" else _in_logarithm
    try:
        return np.array([move(m, s) for m, s in zip(median.tolist(), shift.tolist(), strict=True)])
    except OverflowError:
        raise RecordError(
            "patients would differ beyond all numbers", where=f"variability of {slot}",
            found=f"a deviation of {np.abs(shift).max():.3g} logarithms", expected="a spread of the logarithm near 1",
        ) from None  # fmt: skip


def _in_logarithm(median: float, shift: float) -> float:
    return median * math.exp(shift)


def _in_logit(median: float, shift: float) -> float:
    if median in (0, 1):
        return median
    odds = median / (1 - median) * math.exp(shift)
    return odds / (1 + odds)
