"""A trial by its name, whichever kind it is."""

from __future__ import annotations

from pathlib import Path

from cereblon.bedside.phase_1 import EscalationTrial, escalation_trial
from cereblon.bedside.trial import Trial
from cereblon.bedside.trial import trial as of_one_dose
from cereblon.records.trial import protocol


def trial(name_or_path: str | Path) -> Trial | EscalationTrial:
    """A trial of one dose, or an escalation, by name or from a user's `.toml` file. Raises InputError or RecordError.

    >>> print(trial("MM_001_phase_1_21_28").levels[0])
    0.3 mg
    """
    return escalation_trial(name_or_path) if protocol(name_or_path).levels else of_one_dose(name_or_path)
