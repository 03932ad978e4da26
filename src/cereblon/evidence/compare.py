"""What was reported beside what is simulated, row by row, with a verdict for each.

compare("D01")                    one row by its id, or several
compare(bench.degradation(...))   the rows that are like this result, judged on it
compare(trial(...).replicates())  the rows of that trial
table()                           every row of `data/evidence`
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from cereblon.bedside.outcome import Replicates
from cereblon.bench import Binding, Course, Curve
from cereblon.evidence.claims import Judgement
from cereblon.evidence.experiments import EXPERIMENTS
from cereblon.evidence.laboratory import DRAWS, Laboratory, Simulated
from cereblon.evidence.rows import Row, evidence_rows
from cereblon.evidence.trial_experiments import SETTINGS
from cereblon.evidence.verdict import NOT_YET, VERDICTS, Verdict, reported_interval, verdict
from cereblon.ground.errors import AddressError, InputError
from cereblon.ground.quantity import Estimate
from cereblon.ground.vocabulary import nearest, printed
from cereblon.records.sources import Source, sources
from cereblon.records.trial import protocol, protocols

if TYPE_CHECKING:
    import pandas as pd

Progress = Callable[[str], None]


@dataclass(frozen=True)
class Comparison:
    """One row with its simulation (None while there is none) and the verdict."""

    row: Row
    simulated: Simulated | None
    verdict: Verdict

    @property
    def basis(self) -> str:
        """What agreement is worth: `set on it`, `put in` (an entry of the record itself) or `predicted`."""
        if self.verdict.word == NOT_YET or self.simulated is None:
            return ""
        if self.simulated.put_in:
            return "put in"
        return "set on it" if self.row.role == "calibrate" else "predicted"

    @property
    def what(self) -> str:
        """The row in words: description, compound, protein, cell, time."""
        row = self.row
        drugs = " + ".join(printed(word) for word in row.compound.split(";") if word)
        parts = [drugs, printed(row.of), printed(row.cell), row.dose, row.at, row.setting]
        return f"{row.description} ({', '.join(p for p in parts if p)})" if any(parts) else row.description

    @property
    def interval_kind(self) -> str:
        """Where the reported interval comes from: `exact`, `reported`, or the `tolerance` of the experiment."""
        if not self.row.has_number:
            return ""
        if self.row.events is not None:
            return "exact"
        if not math.isnan(self.row.low):
            return "reported"
        return "tolerance" if self.row.experiment else ""

    def record(self) -> dict[str, Any]:
        """The row of the table."""
        row, sim = self.row, self.simulated or Simulated()
        low, high = reported_interval(row)
        return {
            "id": row.id,
            "what": self.what,
            "quantity": row.quantity,
            "unit": row.unit,
            "reported": row.centre,
            "reported_low": low,
            "reported_high": high,
            "interval": self.interval_kind,
            "simulated": sim.value,
            "simulated_low": sim.low,
            "simulated_high": sim.high,
            "null": sim.null,
            "verdict": self.verdict.word,
            "by": self.verdict.size,
            "basis": self.basis,
            "role": row.role,
            "grade": row.grade,
            "confidence": row.confidence,
            "source": row.source,
            "n": row.n,
            "how": sim.says,
            "note": row.note,
        }

    def __str__(self) -> str:
        sim = self.simulated
        shown = "" if sim is None else sim.says if sim.holds is not None else str(self.estimate)
        basis = f" ({self.basis})" if self.basis else ""
        return f"{self.row.id:<5} {self.what}: reported {self.row.text or 'in words'}, " + (
            f"simulated {shown}: {self.verdict}{basis}" if sim else str(self.verdict)
        )

    @property
    def estimate(self) -> Estimate:
        """The simulated number with its prediction interval."""
        sim = self.simulated or Simulated()
        return Estimate(sim.value, self.row.unit or "1", sim.low, sim.high, method=sim.says)


@dataclass(frozen=True)
class Evidence:
    """Comparisons in order; `evidence["D01"]` is one of them."""

    comparisons: tuple[Comparison, ...]

    def __iter__(self) -> Iterator[Comparison]:
        return iter(self.comparisons)

    def __len__(self) -> int:
        return len(self.comparisons)

    def __getitem__(self, row: str) -> Comparison:
        for comparison in self.comparisons:
            if comparison.row.id == row:
                return comparison
        raise _unknown(row, [c.row.id for c in self.comparisons])

    @property
    def counts(self) -> dict[str, int]:
        """How many rows have each verdict."""
        found = Counter(c.verdict.word for c in self.comparisons)
        return {word: found[word] for word in VERDICTS}

    def table(self) -> pd.DataFrame:
        """One row per row of evidence: reported and simulated with intervals, verdict, basis, source."""
        import pandas as pd

        return pd.DataFrame([c.record() for c in self.comparisons])

    def save(self, path: str | Path) -> Path:
        """Write `table()` as CSV, whole or not at all."""
        from cereblon.ground.files import write_atomically

        return write_atomically(Path(path), self.table().to_csv(index=False, float_format="%.6g"))

    def sources(self) -> dict[str, Source]:
        """The sources of what was reported."""
        return {key: sources()[key] for key in dict.fromkeys(c.row.source for c in self.comparisons)}

    def __str__(self) -> str:
        counted = ", ".join(f"{number} {word}" for word, number in self.counts.items() if number)
        return "\n".join([*(str(c) for c in self.comparisons), f"{len(self)} rows: {counted}"])


def table(seed: int = 1, draws: int = DRAWS, progress: Progress | None = None) -> Evidence:
    """Every row of `data/evidence`, simulated where an experiment can, and judged.

    `progress` is called with the name of each row. About a minute, most of it trials.
    """
    return _judged(evidence_rows().values(), Laboratory(seed, draws), progress)


def compare(result: Any, seed: int = 1, draws: int = DRAWS) -> Evidence:
    """The rows of evidence that `result` is about, reported beside simulated.

    `result`: a row or its id (or several), which is then simulated like for like; or a dose-response, a time course,
    binding, a judgement of claims or replicates of a trial, whose own numbers are judged. Raises InputError for
    anything else, and where nothing like it was reported.

    >>> compare("B17")["B17"].verdict.word
    'cannot discriminate'
    """
    if isinstance(result, Replicates):
        return _of_trial(result, seed, draws)
    lab = Laboratory(seed, draws)
    if isinstance(result, Curve | Course | Binding | Judgement):
        found = [_own(row, result, lab) for row in _alike(result)]
        if not found:
            raise InputError(
                "nothing was reported that is like this", found=str(result),
                expected="a compound, protein, cell and time of data/evidence", example='degradation("pomalidomide")',
            )  # fmt: skip
        return Evidence(tuple(found))
    given = [result] if isinstance(result, str | Row) else list(result) if isinstance(result, Iterable) else []
    if not given or not all(isinstance(one, str | Row) for one in given):
        raise InputError(
            "nothing here knows how to judge this", found=type(result).__name__,
            expected="a row of evidence or its id, a curve, a course, binding, a judgement", example='compare("D01")',
        )  # fmt: skip
    rows = evidence_rows()
    for one in given:
        if isinstance(one, str) and one not in rows:
            raise _unknown(one, list(rows))
    return _judged([rows[one] if isinstance(one, str) else one for one in given], lab)


def _of_trial(result: Replicates, seed: int, draws: int) -> Evidence:
    """The rows of this trial on these replicates; the null model is simulated."""
    symbols = {name: protocol(name).symbol for name in SETTINGS.values() if name in protocols()}
    names = {name for name, symbol in symbols.items() if symbol == result.name}
    kinds = ("in_trial", "category", "subgroup", "duration")
    rows = [r for r in evidence_rows().values() if SETTINGS.get(r.setting) in names and r.experiment in kinds]
    if all_of := [r for r in evidence_rows().values() if r.setting == result.name and r.experiment == "all_treated"]:
        rows, names = all_of, {result.name}
    if not rows:
        known = ", ".join(dict.fromkeys(symbols.values()))
        raise InputError("nothing was reported of this trial", found=result.name, expected=known)
    return _judged(rows, Laboratory(seed, draws, trials={(name, False): result for name in names}))


def _judged(rows: Iterable[Row], lab: Laboratory, progress: Progress | None = None) -> Evidence:
    found = []
    for row in rows:
        if progress is not None:
            progress(row.id)
        simulated = EXPERIMENTS[row.experiment].run(row, lab) if row.experiment else None
        found.append(Comparison(row, simulated, verdict(row, simulated)))
    return Evidence(tuple(found))


def _alike(result: Curve | Course | Binding | Judgement) -> list[Row]:
    """The rows that this result is a simulation of."""
    kinds = {Curve: "dose_response", Course: "time_course", Binding: "closed_fraction", Judgement: "claim"}
    rows = [row for row in evidence_rows().values() if row.experiment == kinds[type(result)]]
    if isinstance(result, Judgement):
        return [row for row in rows if row.id in result.ids]
    rows = [row for row in rows if row.compound == result.compound]
    if isinstance(result, Curve | Course):
        rows = [row for row in rows if (row.of, row.cell) == (result.of, result.cell)]
    return [row for row in rows if row.at == result.at] if isinstance(result, Curve) else rows


def _own(row: Row, result: Curve | Course | Binding | Judgement, lab: Laboratory) -> Comparison:
    """One row judged on the result's own number; the null model is simulated as always."""
    simulated: Simulated | None
    if isinstance(result, Judgement):
        finding = result[row.id]
        said = "; ".join(f"{name} {value:.3g}" for name, value in list(finding.numbers.items())[:4])
        assumed = finding.verdict == "holds, as assumed"
        simulated = Simulated(holds=finding.verdict.startswith("holds"), says=said, put_in=assumed)
    else:
        usual = EXPERIMENTS[row.experiment].run(row, Laboratory(lab.seed, 1)) or Simulated()
        if isinstance(result, Curve):
            number = result.DC50 if row.quantity == "DC50" else result.Dmax
        else:
            number = result.half_time if isinstance(result, Course) else result.closed_fraction
        simulated = Simulated(
            number.value, number.low, number.high, usual.null, says=number.method, put_in=usual.put_in
        )
    return Comparison(row, simulated, verdict(row, simulated))


def _unknown(row: str, known: list[str]) -> AddressError:
    return AddressError(
        "no such row of evidence",
        found=row,
        expected=f"one of {len(known)} ids",
        example=nearest(row, known) or known[0],
    )
