"""The bench: experiments in a dish, simulated. Binding, dose-response, time course, selectivity."""

from cereblon.bench.binding import Binding, binding
from cereblon.bench.degradation import Course, Curve, course, degradation
from cereblon.bench.selectivity import Selectivity, selectivity

__all__ = ["Binding", "Course", "Curve", "Selectivity", "binding", "course", "degradation", "selectivity"]
