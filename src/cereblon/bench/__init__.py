"""The bench: experiments in a dish, simulated. Binding, degradation, selectivity, viability, immune cells; plates."""

from cereblon.bench.binding import Binding, binding
from cereblon.bench.degradation import Course, Curve, course, degradation
from cereblon.bench.immune import Immune, immune
from cereblon.bench.pathway import Pathway, pathway
from cereblon.bench.plate import Layout, Readings, layout, measure, read
from cereblon.bench.selectivity import Selectivity, selectivity
from cereblon.bench.viability import Viability, viability

__all__ = [
    "Binding",
    "Course",
    "Curve",
    "Immune",
    "Layout",
    "Pathway",
    "Readings",
    "Selectivity",
    "Viability",
    "binding",
    "course",
    "degradation",
    "immune",
    "layout",
    "measure",
    "pathway",
    "read",
    "selectivity",
    "viability",
]
