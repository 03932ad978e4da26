"""Analysis tables of one simulated trial, with ADaM's names: ADSL, ADEX, ADLB, ADAE, ADRS, ADTTE, and a dictionary.

The names are those that a statistician of trials reads; no conformance with any standard is claimed, nothing here was
ever measured in a patient, and there are no dates: days count from 1 at the first dose.
"""

from __future__ import annotations

import csv
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from cereblon.bedside.datasets.efficacy import responses, times
from cereblon.bedside.datasets.exposure import exposure
from cereblon.bedside.datasets.laboratory import adverse_events, laboratory
from cereblon.bedside.datasets.study import names_of
from cereblon.bedside.datasets.subjects import ages, groups, subjects
from cereblon.ground.errors import InputError
from cereblon.ground.vocabulary import nearest
from cereblon.records.sources import Source

if TYPE_CHECKING:
    import pandas as pd

    from cereblon.bedside.outcome import Outcome

FILE = Path(__file__).parents[2] / "data" / "datasets" / "variables.csv"
DICTIONARY, README = "dictionary.csv", "README.txt"
CLAIM = "ADaM-named; no claim of conformance; simulated. Research use only."


@dataclass(frozen=True)
class Datasets:
    """The tables by name, and `variables`: a row for each variable of each table."""

    name: str
    seed: int
    tables: Mapping[str, pd.DataFrame] = field(repr=False)
    variables: pd.DataFrame = field(repr=False)
    cited: Mapping[str, Source] = field(repr=False)

    def __getitem__(self, name: str) -> pd.DataFrame:
        """One table. Raises InputError for an unknown name."""
        if name not in self.tables:
            close = nearest(name, self.tables)
            expected = f"the nearest is {close}" if close else ", ".join(self.tables)
            raise InputError("there is no such table", found=str(name), expected=expected)
        return self.tables[name]

    def table(self) -> pd.DataFrame:
        """The dictionary: dataset, variable, label, type, unit, derivation."""
        return self.variables

    def save(self, folder: str | Path) -> Path:
        """Write each table, the dictionary and a note into `folder`, each file whole or not at all; the folder."""
        from cereblon.ground.files import write_atomically

        target = Path(folder)
        texts = {f"{name}.csv": table.to_csv(index=False) for name, table in self.tables.items()}
        texts[DICTIONARY] = self.variables.to_csv(index=False)
        texts[README] = f"{self}\n"
        for name, text in texts.items():
            write_atomically(target / name, text)
        return target

    def sources(self) -> dict[str, Source]:
        """The sources of the patients' numbers and of the protocol's."""
        return dict(self.cited)

    def __str__(self) -> str:
        lines = [f"{self.name}, seed {self.seed}: {CLAIM}"]
        lines += [f"  {name:<6} {len(table)} rows, {table.shape[1]} variables" for name, table in self.tables.items()]
        return "\n".join([*lines, f"  every variable is explained in {DICTIONARY}"])


def datasets(outcome: Outcome) -> Datasets:
    """The tables of one simulated trial."""
    names, years = names_of(outcome), ages(outcome)
    rows = _rows()
    own = groups(outcome, {row["variable"] for row in rows if row["dataset"] == "ADSL"})
    exposed = exposure(outcome, names, years)
    tables = {
        "ADSL": subjects(outcome, names, years, exposed, own),
        "ADEX": exposed,
        "ADLB": laboratory(outcome, names),
        "ADAE": adverse_events(outcome, names),
        "ADRS": responses(outcome, names),
        "ADTTE": times(outcome, names),
    }
    for row in rows:
        if row["type"] == "integer":  # and may be missing
            table = tables[row["dataset"]]
            table[row["variable"]] = table[row["variable"]].astype("Int64")
    return Datasets(outcome.name, outcome.seed, tables, _dictionary(outcome, tables, rows, own), outcome.sources())


def _dictionary(
    outcome: Outcome, tables: Mapping[str, pd.DataFrame], rows: list[dict[str, str]], own: Mapping[str, str]
) -> pd.DataFrame:
    """The shipped rows and one for each group of the population, in the order of the columns."""
    import pandas as pd

    kinds = outcome.cohort.population.kinds
    drawn = [
        {"dataset": "ADSL", "variable": variable, "label": f"Group {group} of the population", "type": "text",
         "unit": "", "derivation": f"drawn: {', '.join(f'{k.name} {k.share.coherent:.0%}' for k in kinds[group])}"}
        for group, variable in own.items()
    ]  # fmt: skip
    place = {(name, column): k for name, table in tables.items() for k, column in enumerate(table.columns)}
    order = list(tables)
    known = sorted([*rows, *drawn], key=lambda r: (order.index(r["dataset"]), place[r["dataset"], r["variable"]]))
    return pd.DataFrame(known)


def _rows() -> list[dict[str, str]]:
    with FILE.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))
