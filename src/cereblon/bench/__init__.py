"""The bench: experiments in a tube, a dish or a mouse, simulated; and files of one's own, analysed by the same code."""

from cereblon.bench.adcc import ADCC, adcc
from cereblon.bench.adcc_protocol import Protocol
from cereblon.bench.binding import Binding, binding
from cereblon.bench.capacity import Capacity, capacity
from cereblon.bench.constants import Constants, constants
from cereblon.bench.controls import Controls, controls
from cereblon.bench.course import Course, course
from cereblon.bench.degradation import Curve, degradation
from cereblon.bench.displacement import Displacement, displacement
from cereblon.bench.immune import Immune, immune
from cereblon.bench.ldh import Lysis, ldh
from cereblon.bench.ldh_file import read_ldh
from cereblon.bench.panel import Panel, panel
from cereblon.bench.pathway import Pathway, pathway
from cereblon.bench.plate import Layout, Readings, example, examples, layout, measure, read
from cereblon.bench.selectivity import Selectivity, selectivity
from cereblon.bench.serum import Serum, serum
from cereblon.bench.synergy import Synergy, synergy
from cereblon.bench.ternary import Ternary, ternary
from cereblon.bench.viability import Viability, viability
from cereblon.bench.volume_file import read_xenograft
from cereblon.bench.volumes import Xenograft
from cereblon.bench.washout import Washout, washout
from cereblon.bench.xenograft import host, xenograft

__all__ = [
    "ADCC",
    "Binding",
    "Capacity",
    "Constants",
    "Controls",
    "Course",
    "Curve",
    "Displacement",
    "Immune",
    "Layout",
    "Lysis",
    "Panel",
    "Pathway",
    "Protocol",
    "Readings",
    "Selectivity",
    "Serum",
    "Synergy",
    "Ternary",
    "Viability",
    "Washout",
    "Xenograft",
    "adcc",
    "binding",
    "capacity",
    "constants",
    "controls",
    "course",
    "degradation",
    "displacement",
    "example",
    "examples",
    "host",
    "immune",
    "layout",
    "ldh",
    "measure",
    "panel",
    "pathway",
    "read",
    "read_ldh",
    "read_xenograft",
    "selectivity",
    "serum",
    "synergy",
    "ternary",
    "viability",
    "washout",
    "xenograft",
]
