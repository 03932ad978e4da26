"""Doses as events of SBML, one per administration: `ii` and `addl` are written out.

A bolus adds amt F / V to its species; the lag shifts the trigger. An infusion is counted: its start adds one to
the number running, its end takes one away, and a reaction supplies number times rate. Administrations of one
moment follow each other in the order of the table (priorities), each seeing what the one before left.
"""

from __future__ import annotations

from typing import Any

from cereblon.exchange.document import Model
from cereblon.exchange.names import sid
from cereblon.exchange.units import HOUR, NONE, joined
from cereblon.ground.errors import DoseError
from cereblon.network.dosing import Dose

MOST = 100_000


def write_doses(model: Model, doses: tuple[Dose, ...]) -> None:
    """All events, the flows of the infusions, and the rate rules that may hold them."""
    _check(model, doses)
    for number, dose in enumerate(doses, start=1):
        if dose.is_infusion:
            _write_infusion(model, number, dose)
    model.finish()
    last = len(doses)
    for number, dose in enumerate(doses, start=1):
        for k in range(dose.addl + 1):
            _write_administration(model, f"{number}_{k}", dose, dose.time + k * dose.ii, number, last - number)


def _check(model: Model, doses: tuple[Dose, ...]) -> None:
    network = model.network
    for dose in doses:
        where = f"dose at {dose.time:g} h"
        network.require(dose.species, network.species, "species", where)
        for name in (dose.lag, dose.F):
            if name:
                network.require(name, [*network.parameters, *network.derived], "parameter", where)
        if dose.ss:
            raise DoseError(
                "a steady state cannot be written as events",
                where=f"{where} into {dose.species}",
                found="ss",
                expected="the doses that lead to it, with ii and addl",
            )
    count = sum(dose.addl + 1 for dose in doses)
    if count > MOST:
        raise DoseError("more administrations than can be written as events", found=str(count), expected=f"{MOST}")


def _write_infusion(model: Model, number: int, dose: Dose) -> None:
    """The number of this row's infusions that run, and their flow."""
    running = f"running_{number}"
    title = f"running infusions, row {number} into {dose.species}"
    model.parameter(running, title, NONE, constant=False).setValue(0)
    math, amount = model.math, model.amount(dose.species)
    if dose.rate:
        rate = math.number(dose.rate, joined(amount, HOUR, -1))
    else:
        rate = math.apply("/", _amount(model, dose), math.number(dose.duration, HOUR))
    flow = math.apply("*", math.name(running), rate)
    model.supply(f"infusion_{number}", f"infusion, row {number} into {dose.species}", dose.species, flow)


def _amount(model: Model, dose: Dose) -> Any:
    given = model.math.number(dose.amt, model.amount(dose.species))
    return model.math.apply("*", given, model.math.name(sid("p", dose.F))) if dose.F else given


def _write_administration(model: Model, label: str, dose: Dose, time: float, number: int, priority: int) -> None:
    math = model.math
    changes = _reset(model) if dose.reset else {}
    if dose.is_infusion:
        changes[f"running_{number}"] = _step(model, number, "+")
    else:
        target = sid("s", dose.species)
        jump = math.apply("/", _amount(model, dose), model.volume(dose.species))
        changes[target] = math.apply("+", changes.get(target, math.name(target)), jump)
    title = f"row {number} into {dose.species}"
    begin = _begin(model, dose, time)
    _event(model, f"dose_{label}", title, begin, priority, changes)
    if dose.is_infusion:
        end = math.apply("+", _begin(model, dose, time), _length(model, dose))
        _event(model, f"end_{label}", f"end, {title}", end, priority, {f"running_{number}": _step(model, number, "-")})


def _begin(model: Model, dose: Dose, time: float) -> Any:
    begin = model.math.number(time, HOUR)
    return model.math.apply("+", begin, model.math.name(sid("p", dose.lag))) if dose.lag else begin


def _length(model: Model, dose: Dose) -> Any:
    math = model.math
    if not dose.rate:
        return math.number(dose.duration, HOUR)
    return math.apply("/", _amount(model, dose), math.number(dose.rate, joined(model.amount(dose.species), HOUR, -1)))


def _step(model: Model, number: int, sign: str) -> Any:
    return model.math.apply(sign, model.math.name(f"running_{number}"), model.math.number(1))


def _reset(model: Model) -> dict[str, Any]:
    """Every species back to its initial value."""
    return {
        sid("s", name): model.math.tree(species.initial, model.sizes[f"[{name}]"])
        for name, species in model.network.species.items()
    }


def _event(model: Model, identifier: str, title: str, time: Any, priority: int, changes: dict[str, Any]) -> None:
    event = model.model.createEvent()
    event.setId(identifier)
    event.setName(title)
    # the values of the moment of execution: two doses of one moment must both count
    event.setUseValuesFromTriggerTime(False)
    trigger = event.createTrigger()
    trigger.setInitialValue(False)
    trigger.setPersistent(True)
    trigger.setMath(model.math.apply(">=", model.math.time(), time))
    event.createPriority().setMath(model.math.number(priority))
    for variable, tree in changes.items():
        assignment = event.createEventAssignment()
        assignment.setVariable(variable)
        assignment.setMath(tree)
