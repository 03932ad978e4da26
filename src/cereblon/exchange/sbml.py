"""Any network with its numbers and doses as SBML Level 3 Version 2 (core), for other engines to judge and run.

    place, volume of distribution  ->  compartment         parameter  ->  constant parameter
    derived parameter              ->  initial assignment  read-out   ->  assignment rule
    reaction                       ->  kinetic law = rate times the volume of its anchor
    administration                 ->  event (see `events`)

Numbers are coherent: h, nmol, L, g, item (a cell), and each carries its unit. A species whose unit is a
concentration of nmol, g or cells is an SBML species; one without unit, or counted in nmol, g or cells outright,
is one in a compartment without unit; anything else (an exposure, a diameter) is a parameter with a rate rule.
Identifiers are escaped addresses (see `names`), the `name` of each is the address itself.
Needs python-libsbml, which `pip install "cereblon[sbml]"` brings.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from cereblon.exchange.document import Model
from cereblon.exchange.events import write_doses
from cereblon.ground.errors import InputError
from cereblon.ground.files import write_atomically
from cereblon.network.dosing import Dose
from cereblon.network.network import Network

LEVEL, VERSION = 3, 2


def to_sbml(network: Network, values: Mapping[str, Any] | None = None, doses: Iterable[Dose] = ()) -> str:
    """The SBML text of a network for one subject.

    values: address -> coherent number, as for `network.simulate`; every parameter without a default.
    doses: the subject's dosing table; one event per administration. SBML reads a sample at the time of a dose
    after the dose, the engine before it.

    Raises InputError without python-libsbml or with a value missing, not finite or unknown, DoseError for doses
    that no events can say (`ss`), NetworkError from `network.check()`.
    """
    sbml = _library()
    network.check()
    document = sbml.SBMLDocument(LEVEL, VERSION)
    model = Model(sbml, document.createModel(), network)
    model.write(_numbers(network, values or {}))
    write_doses(model, tuple(doses))
    return str(sbml.writeSBMLToString(document))


def write_sbml(
    path: str | Path, network: Network, values: Mapping[str, Any] | None = None, doses: Iterable[Dose] = ()
) -> Path:
    """Write `to_sbml` to a file, whole or not at all; returns its path."""
    return write_atomically(Path(path), to_sbml(network, values, doses))


def _library() -> Any:
    try:
        import libsbml
    except ImportError:
        raise InputError(
            "SBML needs a library that is not installed",
            found="no python-libsbml",
            expected='pip install "cereblon[sbml]"',
        ) from None
    return libsbml


def _numbers(network: Network, values: Mapping[str, Any]) -> dict[str, float]:
    """One finite number per parameter."""
    for name in values:
        network.require(name, network.parameters, "parameter", "values")
    numbers = {}
    for name, parameter in network.parameters.items():
        given = values.get(name, parameter.value)
        if given is None:
            raise InputError("a parameter without a value", where=name, expected=f"a number in {parameter.unit}")
        try:
            numbers[name] = float(given)
        except (TypeError, ValueError):
            raise InputError(
                "SBML describes one subject", where=name, found=repr(given), expected="one number"
            ) from None
        if not math.isfinite(numbers[name]):
            raise InputError("a value is not finite", where=name, found=str(given), expected="a finite number")
    return numbers
