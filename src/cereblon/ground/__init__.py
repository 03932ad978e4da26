"""Ground: quantities, units, words and errors. Knows no chemistry and no biology."""

from cereblon.ground.errors import (
    AddressError,
    Cancelled,
    CereblonError,
    DoseError,
    InputError,
    NetworkError,
    RecordError,
    SchemeError,
    SolveError,
    UnitError,
)
from cereblon.ground.quantity import DIMENSIONLESS, GRADES, Estimate, Quantity, Unit, unit
from cereblon.ground.vocabulary import Word, check_address, nearest, printed, unit_words, vocabulary

__all__ = [
    "AddressError",
    "Cancelled",
    "CereblonError",
    "DIMENSIONLESS",
    "DoseError",
    "Estimate",
    "GRADES",
    "InputError",
    "NetworkError",
    "Quantity",
    "RecordError",
    "SchemeError",
    "SolveError",
    "Unit",
    "UnitError",
    "Word",
    "check_address",
    "nearest",
    "printed",
    "unit",
    "unit_words",
    "vocabulary",
]
