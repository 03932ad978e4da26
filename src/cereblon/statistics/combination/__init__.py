"""Combination of two drugs: reference models, surfaces and their intervals, on the survival scale (1 untreated, 0
dead).

One sign everywhere: positive is synergy. `analyse(Matrix.of_wells(dose1, dose2, survival))` does all; the references
(`bliss`, `HSA`, `loewe`, `CI`) and surfaces (`MuSyC`, `BRAID`) can be asked alone. Knows no biology.
"""

from cereblon.statistics.combination.additivity import CI, HSA, bliss, loewe, median_effect
from cereblon.statistics.combination.analysis import Analysis, Reference, analyse
from cereblon.statistics.combination.braid import BRAID
from cereblon.statistics.combination.hill import Hill
from cereblon.statistics.combination.matrix import Matrix
from cereblon.statistics.combination.musyc import MuSyC
from cereblon.statistics.combination.scores import Options

__all__ = [
    "Analysis",
    "BRAID",
    "CI",
    "HSA",
    "Hill",
    "Matrix",
    "MuSyC",
    "Options",
    "Reference",
    "analyse",
    "bliss",
    "loewe",
    "median_effect",
]
