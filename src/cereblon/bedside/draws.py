"""Chance at the bedside: one row of random numbers per patient, the same in any batch of trials.

A batch holds the cohorts of several replicates, one seed each; patient i of seed s draws from the stream keyed by
(s, purpose), so neither the batch nor the other patients shift it.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from cereblon.cohort import Cohort

Floats = NDArray[np.float64]


def uniforms(cohorts: Sequence[Cohort], purpose: str, count: int = 1) -> Floats:
    """Numbers between 0 and 1, (patients of all cohorts, count)."""
    return np.concatenate([cohort.uniforms(purpose, count) for cohort in cohorts])


def normals(cohorts: Sequence[Cohort], purpose: str, count: int = 1) -> Floats:
    """Standard normal numbers, (patients of all cohorts, count)."""
    from scipy.special import ndtri

    return np.asarray(ndtri(uniforms(cohorts, purpose, count)))


def thresholds(cohorts: Sequence[Cohort], purpose: str, count: int = 1) -> Floats:
    """Cumulative hazards at which events fall, ascending, (patients of all cohorts, count): a Poisson process."""
    return np.asarray(np.cumsum(-np.log(uniforms(cohorts, purpose, count)), axis=1))
