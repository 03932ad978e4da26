"""The marriage of numbers and equations: values into slots, then simulate. The only place where the two meet."""

from cereblon.model.culture import blood, culture, silenced
from cereblon.model.dish import dish, exposure
from cereblon.model.model import Model
from cereblon.model.mouse import host_response, mouse
from cereblon.model.patient import patient, simulate
from cereblon.model.result import Result
from cereblon.model.whole import kill_shares, whole_patient

__all__ = [
    "Model",
    "Result",
    "blood",
    "culture",
    "dish",
    "exposure",
    "host_response",
    "kill_shares",
    "mouse",
    "patient",
    "silenced",
    "simulate",
    "whole_patient",
]
