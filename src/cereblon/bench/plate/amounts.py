"""Concentrations and times as users write them, in one unit."""

from __future__ import annotations

from collections.abc import Sequence

from cereblon.ground.errors import InputError, UnitError
from cereblon.ground.quantity import Quantity
from cereblon.ground.quantity import unit as known_unit

AMOUNT = r"([-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?)"
UNIT = r"([fpnumµμ]?M|[pnumµμ]?g/m?L|%)"
TIMES = {"": 1.0, "h": 1.0, "hr": 1.0, "hrs": 1.0, "hour": 1.0, "hours": 1.0, "min": 1 / 60, "minutes": 1 / 60,
         "d": 24.0, "day": 24.0, "days": 24.0}  # fmt: skip
_MOLAR = {"fm": "fM", "pm": "pM", "nm": "nM", "um": "uM", "µm": "uM", "μm": "uM", "mm": "mM", "m": "M"}
UNSAID = "no unit of concentration is given"


def concentration_unit(text: str) -> tuple[str, str]:
    """The unit of a concentration, and a note where it was not read as it stands; ("1", note) for an unknown one.

    >>> concentration_unit("uM"), concentration_unit("um")[0], concentration_unit("g/ha")[0]
    (('uM', ''), 'uM', '1')
    """
    bare = text.strip()
    if not bare:
        return "1", ""
    try:
        found = known_unit(bare)
    except UnitError:
        found = None
    if found is not None and found.dimension in (known_unit("nM").dimension, known_unit("ng/mL").dimension):
        return bare, ""
    if bare.lower() in _MOLAR:
        return _MOLAR[bare.lower()], f"the unit {bare} is read as {_MOLAR[bare.lower()]}"
    if found is not None and found.is_dimensionless:
        return bare, ""
    return "1", f"concentrations are in {bare}, as in the file"


def in_one_unit(numbers: Sequence[float], units: Sequence[str], where: str) -> tuple[list[float], str, list[str]]:
    """(numbers, unit, notes): concentrations in nM where they are molar, else in the first unit of the file.

    A unit of "" is one that nobody said; 0 needs none. Raises InputError for units that do not fit together.

    >>> in_one_unit([0, 1, 20], ["", "uM", "nM"], "")
    ([0, 1000.0, 20], 'nM', [])
    """
    used = list(dict.fromkeys(u for u, number in zip(units, numbers, strict=True) if number != 0))
    seen = [u for u in used if u]
    if seen and "" in used:
        raise InputError("some concentrations have a unit and others none", where=where, found=seen[0],
                         expected="one unit for all, or one for each")  # fmt: skip
    if not seen:
        return list(numbers), "1", [UNSAID]
    known = {text: concentration_unit(text) for text in seen}
    notes = [note for _, note in known.values() if note]
    names = [name for name, _ in known.values()]
    if len(seen) > 1 and "1" in names:
        raise InputError("the units of the concentrations differ and are not known", where=where,
                         found=" and ".join(seen[:3]), expected="units like nM, uM or ng/mL")  # fmt: skip
    if not all(known_unit(name).fits(known_unit(names[0])) for name in names):
        raise InputError("the units of the concentrations do not fit together", where=where,
                         found=" and ".join(seen[:3]), expected="units of one kind")  # fmt: skip
    target = "nM" if known_unit(names[0]).fits(known_unit("nM")) else names[0]
    scaled: dict[tuple[float, str], float] = {}  # doses repeat; a file of many wells has few of them
    for n, u in zip(numbers, units, strict=True):
        if (n, u) not in scaled:
            scaled[n, u] = n if n == 0 else Quantity(n, known[u][0]).to(target).value
    return [scaled[pair] for pair in zip(numbers, units, strict=True)], target, notes
