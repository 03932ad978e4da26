"""The bench: experiments in a tube, a dish or a mouse, simulated; and files of one's own, analysed by the same code."""

from cereblon.bench.adcc import ADCC, adcc
from cereblon.bench.adcc_protocol import Protocol
from cereblon.bench.binding import Binding, binding
from cereblon.bench.degradation import Course, Curve, course, degradation
from cereblon.bench.immune import Immune, immune
from cereblon.bench.ldh import Lysis, ldh
from cereblon.bench.ldh_file import read_ldh
from cereblon.bench.pathway import Pathway, pathway
from cereblon.bench.plate import Layout, Readings, layout, measure, read
from cereblon.bench.selectivity import Selectivity, selectivity
from cereblon.bench.viability import Viability, viability
from cereblon.bench.volume_file import read_xenograft
from cereblon.bench.volumes import Xenograft
from cereblon.bench.xenograft import host, xenograft

__all__ = [
    "ADCC",
    "Binding",
    "Course",
    "Curve",
    "Immune",
    "Layout",
    "Lysis",
    "Pathway",
    "Protocol",
    "Readings",
    "Selectivity",
    "Viability",
    "Xenograft",
    "adcc",
    "binding",
    "course",
    "degradation",
    "host",
    "immune",
    "layout",
    "ldh",
    "measure",
    "pathway",
    "read",
    "read_ldh",
    "read_xenograft",
    "selectivity",
    "viability",
    "xenograft",
]
