"""The engine against libRoadRunner and SciPy's Radau: 1e-6 at rtol 1e-9, the same doses, every species.

Measured as |a - b| <= 1e-6 max(|b|, scale), scale being the one declared beside the species. The judges take nothing
from our kernel, driver or integrator: libRoadRunner reads the exported SBML, Radau the rates by plain NumPy.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import ModuleType
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from cereblon.model import dish, patient
from cereblon.network.dosing import Dose
from cereblon.network.network import Network
from cereblon.records.regimen import dose

Require = Callable[[str], Any]
METHODS = ("RODAS4", "RODAS5P")


@dataclass(frozen=True)
class Case:
    network: Network
    values: Mapping[str, float]
    doses: tuple[Dose, ...]
    times: NDArray[np.float64]


def glue_in_cells() -> Case:
    """Absorption and two compartments, a glue entering cells of small volume, closing cereblon, a ternary complex,
    turnover of two substrates that compete; bolus, lag, F, infusion."""
    net = Network("glue in cells")
    for name, unit, value in (
        ("g.ka", "1/h", 1.2), ("g.V", "L", 60), ("g.V2", "L", 90), ("g.CL", "L/h", 6), ("g.Q", "L/h", 9),
        ("g.lag", "h", 0.3), ("g.F", "1", 0.6), ("cells.volume", "mL", 20), ("g.k_in", "1/h", 15),
        ("C.total", "nM", 40), ("g.k_on", "1/nM/h", 2), ("g.Kd", "nM", 20), ("close.k", "1/h", 400),
        ("close.K", "1", 0.5), ("S.k_on", "1/nM/h", 3), ("A.Kd", "nM", 15), ("B.Kd", "nM", 60), ("A.total", "nM", 25),
        ("B.total", "nM", 80), ("A.t_half", "h", 10), ("B.t_half", "h", 30), ("k_cat", "1/h", 8),
        ("E.K", "nM", 500), ("E.n", "1", 2.3),
    ):  # fmt: skip
        net.parameter(name, unit, value=value)
    net.place("cells", "cells.volume")
    for place, volume in (("gut", "g.V"), ("central", "g.V"), ("peripheral", "g.V2")):
        net.add_species(f"g@{place}", "nM", volume=volume, scale="10")
    net.reaction("g@gut -> g@central", forward="g.ka")
    net.reaction("g@central -> 0", forward="g.CL / g.V")
    net.reaction("g@central <-> g@peripheral", rate="g.Q / g.V * ([g@central] - [g@peripheral])")
    net.reaction("g@central <-> g@cells", rate="g.k_in * ([g@central] - [g@cells])", anchor="g@cells")
    net.add_species("C@cells", "nM", initial="C.total", scale="C.total")
    net.reaction("C@cells + g@cells <-> C:g@cells", forward="g.k_on", reverse="g.k_on * g.Kd")
    net.reaction("C:g@cells <-> C*:g@cells", forward="close.k", reverse="close.k / close.K")
    for S in "AB":
        net.derive(f"{S}.k_deg", "1/h", f"log(2) / {S}.t_half")
        net.add_species(f"{S}@cells", "nM", initial=f"{S}.total", scale=f"{S}.total")
        net.reaction(f"0 -> {S}@cells", rate=f"{S}.k_deg * {S}.total * (1 - hill([{S}@cells], E.K, E.n))")
        net.reaction(f"{S}@cells -> 0", forward=f"{S}.k_deg")
        net.reaction(f"C*:g@cells + {S}@cells <-> C*:g:{S}@cells", forward="S.k_on", reverse=f"S.k_on * {S}.Kd")
        net.reaction(f"C*:g:{S}@cells -> C*:g@cells + 0", forward="k_cat")
    doses = (
        Dose(0, "g@gut", 9000, ii=24, addl=4, lag="g.lag", F="g.F"),
        Dose(50, "g@central", 4000, duration=3),
        Dose(77, "g@central", 500),
    )
    return Case(net, {}, doses, np.arange(1, 61) * 2.0 + 0.011)


def shipped_patient() -> Case:
    """Three kinds of cell, all modules, two days of mezigdomide."""
    model = patient("mezigdomide")
    regimen = dose("mezigdomide", "1 mg", days="1-2", cycle="2 d")
    return Case(model.network, model.coherent(), regimen.doses(), np.arange(1, 25) * 2.0 + 0.011)


def shipped_dish() -> Case:
    """A well of cells with two glues."""
    model = dish(["mezigdomide", "pomalidomide"])
    doses = tuple(Dose(0, f"{g}@medium", 1e-3) for g in ("mezigdomide", "pomalidomide"))
    return Case(model.network, model.coherent(), doses, np.array([0.1, 0.5, 1.0, 4.0, 24.0]) + 0.011)


CASES = {case.__name__: case for case in (glue_in_cells, shipped_patient, shipped_dish)}


@pytest.fixture(params=CASES)
def case(request: pytest.FixtureRequest) -> Case:
    return CASES[request.param]()


def ours(case: Case, method: str) -> NDArray[np.float64]:
    run = case.network.simulate(
        case.values, case.times, case.doses, rtol=1e-9, method=method, observe=case.network.species
    )
    assert run.ok
    return run.values[0]


def worst(
    case: Case, found: NDArray[np.float64], judged: NDArray[np.float64], scale: NDArray[np.float64]
) -> tuple[float, str]:
    error = (np.abs(found - judged) / np.maximum(np.abs(judged), scale)).max(axis=0)
    return float(error.max()), list(case.network.species)[int(error.argmax())]


def test_species_against_scipy_radau(judges: ModuleType, case: Case) -> None:
    equations = judges.Equations(case.network, case.values)
    times, judged = judges.radau(equations, judges.legs(case.doses, case.times, equations.numbers), 1e-9)
    assert times.tolist() == case.times.tolist()
    for method in METHODS:
        error, species = worst(case, ours(case, method), judged, equations.scale)
        assert error <= 1e-6, (method, species)


def test_species_against_libroadrunner_with_doses_as_events(require: Require, judges: ModuleType, case: Case) -> None:
    require("libsbml")
    require("roadrunner")
    equations = judges.Equations(case.network, case.values)
    engine = judges.RoadRunnerEvents(equations, case.values, equations.species, case.doses)
    judged = engine.run(case.times.tolist(), 1e-11)
    for method in METHODS:
        error, species = worst(case, ours(case, method), judged, equations.scale)
        assert error <= 1e-6, (method, species)


def test_species_against_libroadrunner_restarted_at_each_dose(require: Require, judges: ModuleType) -> None:
    require("libsbml")
    require("roadrunner")
    case = shipped_patient()
    equations = judges.Equations(case.network, case.values)
    engine = judges.RoadRunner(equations, case.values, equations.species)
    judged = engine.run(judges.legs(case.doses, case.times, equations.numbers), 1e-11)
    error, species = worst(case, ours(case, "RODAS5P"), judged, equations.scale)
    assert error <= 1e-6, species


def test_species_against_pydiffsol(require: Require, judges: ModuleType) -> None:
    """The rival of the benchmark solves the same equations."""
    require("pydiffsol")
    case = shipped_patient()
    equations = judges.Equations(case.network, case.values)
    engine = judges.Diffsol(case.network)
    judged = engine.run(equations, judges.legs(case.doses, case.times, equations.numbers), 1e-9)
    error, species = worst(case, ours(case, "RODAS5P"), judged, equations.scale)
    assert error <= 1e-5, species  # what BDF reaches at 1e-9


def test_the_judges_differ_when_a_number_differs(judges: ModuleType) -> None:
    """A comparison that could not fail would judge nothing."""
    case = glue_in_cells()
    equations = judges.Equations(case.network, {"A.Kd": 15 * (1 + 1e-4)})
    _, judged = judges.radau(equations, judges.legs(case.doses, case.times, equations.numbers), 1e-9)
    assert worst(case, ours(case, "RODAS5P"), judged, equations.scale)[0] > 1e-6
