"""What degradation read-outs say of the constants of a glue, in numbers and in words."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from cereblon.bench.constants.experiments import Experiment, ranked
from cereblon.bench.constants.forward import Dish
from cereblon.bench.constants.search import LEVEL, Fit, Z, product_ends
from cereblon.bench.constants.wells import Floats, Wells
from cereblon.ground.quantity import Estimate, Quantity, unit
from cereblon.ground.vocabulary import printed
from cereblon.model import Model
from cereblon.records.compound import Compound
from cereblon.records.sources import Source
from cereblon.statistics.identifiability import Combination, combinations

if TYPE_CHECKING:
    import pandas as pd

IDENTIFIED, HELPED, KNOWN, WIDE = "identified", "with the record", "as the record", "wide"
LOWER, UPPER, OPEN = "at least", "at most", "not separated"
SHARE = 0.5  # of the width of what was known before, above which the data have added little
MOST = 5  # experiments in words
HELD = ("CRBN.total", "{of}.total", "{of}.CRBN.k_on", "{glue}.uptake", "{glue}.medium.t_half")
"""What matters most of what is not fitted unless it is asked for."""


@dataclass(frozen=True)
class Constants:
    """Constants of `compound` and `of` in `cell`: `words` (what each is), fitted by `dish` to `wells`.

    A constant is "identified" when its profile interval lies within a factor of `within` either way and the data alone,
    by the curvature, say as much. If only data and record together do, it is "with the record"; "as the record", when
    the interval is more than half as wide (in the logarithm) as before. Without a prior it is "wide", or "at least" or
    "at most" where the interval is open on one side, or "not separated" where on both.
    """

    compound: str
    of: str
    cell: str
    words: tuple[str, ...]
    within: float
    glue: Compound = field(repr=False)
    dish: Dish = field(repr=False)
    wells: Wells = field(repr=False)
    fit: Fit = field(repr=False)

    # -- numbers -------------------------------------------------------------------------------------------

    @property
    def model(self) -> Model:
        """The dish with the records' numbers, from which the search began."""
        return self.dish.model

    @property
    def verdicts(self) -> dict[str, str]:
        """Constant -> one of the verdicts of this class."""
        return {word: self._verdict(i) for i, word in enumerate(self.words)}

    def _verdict(self, i: int) -> str:
        (low, high), before = self.fit.ends[i], self.fit.beforehand
        if not (math.isfinite(low) and math.isfinite(high)):
            return LOWER if math.isfinite(low) else UPPER if math.isfinite(high) else OPEN
        far = max(high - self.fit.x[i], self.fit.x[i] - low, self.fit.times * math.sqrt(self.fit.alone[i, i]))
        if far <= math.log(self.within):
            return IDENTIFIED
        if not before.known[i]:
            return WIDE
        return KNOWN if high - low > SHARE * 2 * Z * before.width[i] else HELPED

    @cached_property
    def estimates(self) -> dict[str, Estimate]:
        """Constant -> value with its profile interval, what was known before included; NaN, with the bound as note, for
        one that is open on a side."""
        return {word: self._estimate(i, self.verdicts[word]) for i, word in enumerate(self.words)}

    def _estimate(self, i: int, verdict: str) -> Estimate:
        of = self.record(self.words[i]).unit
        value, low, high = np.exp([self.fit.x[i], *self.fit.ends[i]]) / unit(of).factor
        method = "profile likelihood"
        if verdict in (IDENTIFIED, HELPED, KNOWN, WIDE):
            return Estimate(float(value), of, float(low), float(high), LEVEL, method)
        name = "" if of == "1" else f" {of}"
        note = {LOWER: f"at least {low:.3g}{name}", UPPER: f"at most {high:.3g}{name}"}.get(verdict, OPEN)
        ends = float(low) if verdict == LOWER else math.nan, float(high) if verdict == UPPER else math.nan
        return Estimate(math.nan, of, *ends, LEVEL, method, note)

    def __getitem__(self, word: str) -> Estimate:
        return self.estimates[word]

    def slot(self, word: str) -> str:
        """The address of a constant in the dish."""
        return self.dish.slots[self.words.index(word)]

    def record(self, word: str) -> Quantity:
        """What the record says of a constant."""
        return self.model.values[self.slot(word)]

    @cached_property
    def unknown(self) -> tuple[int, ...]:
        """Positions of the constants that are not identified."""
        return tuple(i for i, word in enumerate(self.words) if self.verdicts[word] != IDENTIFIED)

    @cached_property
    def _products(self) -> dict[Combination, Estimate]:
        """Product -> its estimate, of those that the data alone determine by the curvature and the profile confirms."""
        limit, found = math.log(self.within) / self.fit.times, {}
        for one in combinations(self.fit.alone, np.array(self.unknown, dtype=np.intp), limit):
            weights = np.array(one.exponents)
            value, zero = float(weights @ self.fit.x), float(weights @ self.dish.start)
            low, high = product_ends(self.dish, self.wells, self.fit, weights)
            if max(high - value, value - low) <= math.log(self.within):
                numbers = (math.exp(x - zero) for x in (value, low, high))
                method = "profile likelihood, over the value of the records"
                found[one] = Estimate(next(numbers), "1", next(numbers), next(numbers), LEVEL, method)
        return found

    @property
    def combinations(self) -> tuple[Combination, ...]:
        """The products of constants that are determined although their members are not."""
        return tuple(self._products)

    def product(self, one: Combination) -> Estimate:
        """A product of `combinations`, over what the records make of it, with its profile interval."""
        return self._products[one]

    @cached_property
    def experiments(self) -> tuple[Experiment, ...]:
        """Candidates for the next experiment, best first (see `constants.experiments`)."""
        return ranked(self.dish, self.fit, self.wells, self.glue, self.unknown)

    # -- words ---------------------------------------------------------------------------------------------

    def formula(self, one: Combination) -> str:
        """A product in words: "affinity x recruitment / ubiquitination^0.7"."""
        above = [self._power(i, e) for i, e in enumerate(one.exponents) if e > 0]
        below = [self._power(i, -e) for i, e in enumerate(one.exponents) if e < 0]
        return " / ".join([" x ".join(above) or "1", *below])

    def _power(self, i: int, exponent: float) -> str:
        return self.words[i] + ("" if exponent == 1 else f"^{exponent:g}")

    @property
    def sentences(self) -> tuple[str, ...]:
        """What the data say, what they do not separate, and what would."""
        said = [*self._known(), *self._against(), *self._bounds(), *self._entangled(), *self._held()]
        best = self.experiments[0]
        if best.decades > 0 and self.unknown:
            said.append(f"next experiment: {best.name}; {self.effect(best)}")
        return tuple(said)

    def _known(self) -> list[str]:
        known = [f"{w} {self[w]}" for w, verdict in self.verdicts.items() if verdict == IDENTIFIED]
        return [f"identified within a factor of {self.within:g}: {'; '.join(known)}" if known else
                f"no constant is identified within a factor of {self.within:g}"]  # fmt: skip

    def _against(self) -> list[str]:
        said = []
        for i in self.fit.dropped:
            q = self.record(self.words[i])
            name = "" if q.unit == "1" else f" {q.unit}"
            ends = f"{q.low:.3g}-{q.high:.3g}{name}"
            said.append(f"the data contradict the record of {self.words[i]} ({ends}), which is left out")
        return said

    def _bounds(self) -> list[str]:
        said = [f"{w}: {self[w].note}" for w, verdict in self.verdicts.items() if verdict in (LOWER, UPPER)]
        said += [f"{w}: wide, {self[w]}" for w, verdict in self.verdicts.items() if verdict == WIDE]
        same = [f"{w} {self[w]}" for w, verdict in self.verdicts.items() if verdict == KNOWN]
        bare = [w for w, verdict in self.verdicts.items() if verdict == OPEN]
        help_ = [f"{w} {self[w]}" for w, verdict in self.verdicts.items() if verdict == HELPED]
        said += [f"narrowed, but only with the record: {'; '.join(help_)}"] if help_ else []
        said += [f"as before, the data add little: {'; '.join(same)}"] if same else []
        return said + ([f"not separated: {', '.join(bare)}"] if bare else [])

    def _entangled(self) -> list[str]:
        said = []
        for one in self.combinations:
            names = [self.words[i] for i in one.members]
            joined = f"{', '.join(names[:-1])} and {names[-1]}"
            said.append(f"{joined} only as {self.formula(one)}: {self.product(one)} times what the records give")
        return said

    def _held(self) -> list[str]:
        said = []
        if self.wells.times.size == 1:
            said.append("read at one time: rates are seen only over each other")
        if np.unique(self.wells.conditions[:, 0]).size == 1:
            said.append("one concentration: potency and depth are not told apart")
        slots = [self.model.resolve(word.format(glue=self.compound, of=self.of)) for word in HELD]
        held = [f"{slot.partition('@')[0]} {self.model.values[slot]}" for slot in slots if slot not in self.dish.slots]
        said.append(f"held, among others: {', '.join(held)}")
        return said

    def effect(self, one: Experiment) -> str:
        """What an experiment would do to the constants that are not identified, in words."""
        watched = self.unknown or range(len(self.words))
        parts = [
            f"{self.words[i]} x/÷ {_factor(one.now[i])} to {_factor(one.then[i])}"
            for i in watched
            if one.now[i] / one.then[i] > 1.1
        ]
        return "; ".join(parts) or "next to nothing"

    # -- tables --------------------------------------------------------------------------------------------

    def table(self) -> pd.DataFrame:
        """One row per constant: constant, address, verdict, value, low, high, unit, and the record's value, low, high.

        `value` is NaN where a side of the interval is open; that side is NaN too.
        """
        import pandas as pd

        rows = []
        for word, slot in zip(self.words, self.dish.slots, strict=True):
            one, q = self[word], self.record(word)
            rows.append({
                "constant": word, "address": slot, "verdict": self.verdicts[word], "value": one.value, "low": one.low,
                "high": one.high, "unit": one.unit, "record": q.value,
                "record_low": _or_nan(q.low), "record_high": _or_nan(q.high), "grade": q.grade,
            })  # fmt: skip
        return pd.DataFrame(rows)

    def products(self) -> pd.DataFrame:
        """One row per product that is determined: product, value over the records', low, high."""
        import pandas as pd

        found = [(self.formula(one), self.product(one)) for one in self.combinations]
        rows = [{"product": text, "value": e.value, "low": e.low, "high": e.high} for text, e in found]
        return pd.DataFrame(rows, columns=["product", "value", "low", "high"])

    def next(self) -> pd.DataFrame:
        """One row per candidate, best first: experiment, plates, decades, bits, and each constant's factor now and
        then."""
        import pandas as pd

        rows = []
        for one in self.experiments:
            row = {"experiment": one.name, "plates": one.plates, "decades": one.decades, "bits": one.bits}
            for word, now, then in zip(self.words, one.now, one.then, strict=True):
                row |= {f"{word}_now": now, f"{word}_then": then}
            rows.append(row)
        return pd.DataFrame(rows)

    def curves(self) -> pd.DataFrame:
        """One row per treated well: concentration (nM), time (h), washed (h), value over the controls, fitted."""
        import pandas as pd

        wells = self.wells
        mine = wells.treated
        kind, moment = np.divmod(wells.place[mine], wells.times.size)
        return pd.DataFrame(
            {
                "concentration_nM": wells.conditions[kind, 0],
                "time_h": wells.times[moment],
                "washed_h": np.where(np.isfinite(wells.conditions[kind, 1]), wells.conditions[kind, 1], np.nan),
                "value": wells.value[mine],
                "fitted": self.fit.fitted[mine],
            }
        )

    def over(self, concentrations: Floats) -> pd.DataFrame:
        """The fitted curves over other concentrations (nM): concentration, time (h), fitted; without washing."""
        import pandas as pd

        conditions = np.stack([concentrations, np.full(len(concentrations), math.inf)], axis=1)
        left = self.dish.remaining(self.fit.x[None], conditions, self.wells.times)[0]
        parts = [
            pd.DataFrame({"concentration_nM": concentrations, "time_h": t, "fitted": left[:, k]})
            for k, t in enumerate(self.wells.times)
        ]
        return pd.concat(parts, ignore_index=True)

    def save(self, path: str | Path) -> Path:
        """Write `table()` as CSV, whole or not at all."""
        from cereblon.ground.files import write_atomically

        return write_atomically(Path(path), self.table().to_csv(index=False))

    def sources(self) -> dict[str, Source]:
        """The sources of the numbers from which the search began and which are held."""
        return self.model.sources()

    @property
    def assumptions(self) -> tuple[str, ...]:
        """Addresses of the numbers that are held, or known beforehand, and are assumed or recalled."""
        return self.model.assumptions

    def __str__(self) -> str:
        head = f"{printed(self.compound)} and {printed(self.of)} in {printed(self.cell)}, {self.wells.value.size} wells"
        lines = [head, *(f"  {text}" for text in self.sentences)]
        lines += [
            f"  {k}. {one.name}: {one.decades:.2g} decades, {one.bits:.2g} bits"
            for k, one in enumerate(self.experiments[:MOST], 1)
        ]
        return "\n".join((*lines, *(f"  {note}" for note in self.wells.notes)))


def _or_nan(x: float | None) -> float:
    return math.nan if x is None else x


def _factor(x: float) -> str:
    """A factor of an interval, as printed; what the search's own range gives is no number.

    >>> _factor(1.234), _factor(1000.0)
    ('1.2', 'open')
    """
    return "open" if x > 500 else f"{x:.2g}" if x < 100 else f"{x:.0f}"
