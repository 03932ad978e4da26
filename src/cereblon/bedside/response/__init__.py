"""Response of multiple myeloma: laboratory values into the categories of the IMWG, confirmed, with their reasons."""

from cereblon.bedside.response.assessment import (
    Assessments,
    assessment,
    assessments,
    electrophoresis,
    from_table,
    immunofixation,
    series,
)
from cereblon.bedside.response.category import LEVELS, Category, category
from cereblon.bedside.response.confirmation import best_response
from cereblon.bedside.response.result import Responses
from cereblon.bedside.response.rules import Rules, rules
from cereblon.bedside.response.watch import Watch

__all__ = [
    "LEVELS",
    "Assessments",
    "Category",
    "Responses",
    "Rules",
    "Watch",
    "assessment",
    "assessments",
    "best_response",
    "category",
    "electrophoresis",
    "from_table",
    "immunofixation",
    "rules",
    "series",
]
