"""Figures: each a function of a table that returns an Altair chart; one chart serves page, file and notebook."""

from cereblon.show.figures.binding import binding_chart
from cereblon.show.figures.degradation import course_chart, dose_response_chart
from cereblon.show.figures.mechanism import mechanism_chart
from cereblon.show.figures.patient import patient_chart
from cereblon.show.figures.potency import decomposition_chart, law_chart, panel_chart

__all__ = [
    "binding_chart",
    "course_chart",
    "decomposition_chart",
    "dose_response_chart",
    "law_chart",
    "mechanism_chart",
    "panel_chart",
    "patient_chart",
]
