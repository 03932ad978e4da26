"""Toxicity: counts and events into grades of the CTCAE, and into dose-limiting toxicity by a definition."""

from cereblon.bedside.toxicity.course import Course, Events, course, events, from_table
from cereblon.bedside.toxicity.ctcae import VERSIONS, Grading, ctcae, grade
from cereblon.bedside.toxicity.duration import Below, longest_below
from cereblon.bedside.toxicity.grades import Toxicity, toxicity
from cereblon.bedside.toxicity.limiting import Limiting, dose_limiting

__all__ = [
    "VERSIONS",
    "Below",
    "Course",
    "Events",
    "Grading",
    "Limiting",
    "Toxicity",
    "course",
    "ctcae",
    "dose_limiting",
    "events",
    "from_table",
    "grade",
    "longest_below",
    "toxicity",
]
