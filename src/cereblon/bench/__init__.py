"""The bench: experiments simulated, and analysed from files of one's own.

In a dish: binding, degradation, selectivity, viability, immune cells; plates. In a mouse: xenograft.
"""

from cereblon.bench.binding import Binding, binding
from cereblon.bench.degradation import Course, Curve, course, degradation
from cereblon.bench.immune import Immune, immune
from cereblon.bench.pathway import Pathway, pathway
from cereblon.bench.plate import Layout, Readings, layout, measure, read
from cereblon.bench.selectivity import Selectivity, selectivity
from cereblon.bench.viability import Viability, viability
from cereblon.bench.volume_file import read_xenograft
from cereblon.bench.volumes import Xenograft
from cereblon.bench.xenograft import host, xenograft

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
    "Xenograft",
    "binding",
    "course",
    "degradation",
    "host",
    "immune",
    "layout",
    "measure",
    "pathway",
    "read",
    "read_xenograft",
    "selectivity",
    "viability",
    "xenograft",
]
