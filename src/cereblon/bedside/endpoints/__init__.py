"""Endpoints of a trial: response rates, progression-free and overall survival, duration of and time to response."""

from cereblon.bedside.endpoints.censoring import EMA, FDA, Censoring, censoring
from cereblon.bedside.endpoints.rates import response_rate, response_table
from cereblon.bedside.endpoints.summary import Endpoints, endpoints
from cereblon.bedside.endpoints.times import (
    Times,
    duration_of_response,
    overall_survival,
    progression_free,
    time_to_response,
)

__all__ = [
    "EMA",
    "FDA",
    "Censoring",
    "Endpoints",
    "Times",
    "censoring",
    "duration_of_response",
    "endpoints",
    "overall_survival",
    "progression_free",
    "response_rate",
    "response_table",
    "time_to_response",
]
