"""ADSL: one row per patient."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np

from cereblon.bedside.clinic import PROGRESSED
from cereblon.bedside.datasets.study import Floats, Names, flag, study_day
from cereblon.ground.quantity import unit

if TYPE_CHECKING:
    import pandas as pd

    from cereblon.bedside.outcome import Outcome

LONGEST = 8  # characters of a variable's name
REASONS = {**dict.fromkeys(PROGRESSED, "PROGRESSIVE DISEASE"), "death": "DEATH", "withdrawal": "WITHDRAWAL BY SUBJECT"}


def ages(outcome: Outcome) -> Floats:
    """Years of every patient; of a population without a spread of it those of its body."""
    own = outcome.cohort.numbers(outcome.model).get("age")
    if own is None:
        own = np.full(len(outcome.patients), outcome.cohort.body["age"].coherent)
    return np.asarray(own / unit("year").factor)


def groups(outcome: Outcome, taken: set[str]) -> dict[str, str]:
    """Group of the population -> its variable: the group's letters and figures, eight at most, and not one of `taken`.
    """
    out: dict[str, str] = {}
    for number, group in enumerate(outcome.cohort.population.groups, 1):
        short = "".join(c for c in group if c.isalnum()).upper()[:LONGEST]
        out[group] = short if short not in {*taken, *out.values()} and short[:1].isalpha() else f"GROUP{number:02d}"
    return out


def subjects(
    outcome: Outcome, names: Names, years: Floats, exposed: pd.DataFrame, of: Mapping[str, str]
) -> pd.DataFrame:
    """ADSL; `exposed` is ADEX, `of` group -> variable."""
    import pandas as pd

    clinic, who, dosing = outcome.clinic, outcome.patients, outcome.clinic.dosing
    found = outcome.endpoints.responses
    left, reason = clinic.left[who], clinic.reason[who].astype(str)
    death, last = clinic.survival(who)
    drugs = clinic.regimen.compounds
    given = exposed[exposed["EXDOSE"] > 0].groupby("USUBJID")["AENDY"]
    main = exposed[(exposed["EXDOSE"] > 0) & (exposed["EXTRT"] == drugs[0].symbol)].groupby("USUBJID")["AENDY"]
    treated = np.isin(names.subjects, np.array(list(given.groups), dtype=str))
    failed = np.isin(np.arange(len(who)), outcome.failed)
    status = np.where(np.isnan(left), "COMPLETED", np.where(reason == "data cut", "ONGOING", "DISCONTINUED"))
    table = pd.DataFrame({
        **names.first(np.arange(len(who))), "AGE": years, "ARM": " + ".join(drug.symbol for drug in drugs),
        "TRT01P": "; ".join(str(row) for row in clinic.regimen.rows),
        **{name: outcome.cohort.kind(group) for group, name in of.items()},
        "SAFFL": flag(treated), "MEASFL": flag(found.measurable), "EVALFL": flag(found.evaluable),
        "FAILFL": flag(failed), "TRTSDY": np.where(treated, 1.0, np.nan),
        "TRTEDY": main.max().reindex(names.subjects).to_numpy(np.float64), "RDI": outcome.dose_intensity(),
        "HOLDFL": flag(dosing.interrupted[who]), "REDFL": flag(dosing.reduced[who]),
        "GCSFFL": flag(dosing.supported[who]), "EOSSTT": np.where(failed, "", status), "EOSDY": study_day(left),
        "DCSREAS": [REASONS.get(why, "") for why in reason], "DTHFL": flag(~np.isnan(death)),
        "DTHDY": study_day(death), "LSTALVDY": study_day(np.fmin(death, last)),
    })  # fmt: skip
    return table
