"""The whole patient, all kinds of partner at once, against libRoadRunner and SciPy's Radau: 1e-6 at rtol 1e-9.

And the promise of the engine on the patients of a trial: |error| <= 10 (rtol |y| + 1e-3 rtol scale), between steps too.
"""

from collections.abc import Callable
from types import ModuleType
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

import cereblon as cb
from cereblon.cohort import population
from cereblon.model import Model, whole_patient
from cereblon.model.patient import for_age
from cereblon.network.dosing import Dose

TIMES = np.arange(1, 25) * 2.0 + 0.011


def treated() -> tuple[Model, tuple[Dose, ...]]:
    """Two days: by mouth with a lag, by vein at once, an infusion."""
    given = (
        cb.dose("mezigdomide", "1 mg", days="1-2", cycle="2 d")
        + cb.dose("dexamethasone", "40 mg", days="1", cycle="2 d")
        + cb.dose("bortezomib", "2.34 mg", days="1", cycle="2 d")
        + cb.dose("daratumumab", "1120 mg", days="2", cycle="2 d", duration="4 h")
        + cb.dose("trametinib", "1.5 mg", days="1-2", cycle="2 d")
    )
    return whole_patient(given.compounds), given.doses()


def ours(model: Model, doses: tuple[Dose, ...]) -> NDArray[np.float64]:
    run = model.network.simulate(model.coherent(), TIMES, doses, rtol=1e-9, observe=model.network.species)
    assert run.ok
    return run.values[0]


def judge(model: Model, found: NDArray[np.float64], judged: NDArray[np.float64], scale: NDArray[np.float64]) -> None:
    error = (np.abs(found - judged) / np.maximum(np.abs(judged), scale)).max(axis=0)
    assert error.max() <= 1e-6, list(model.network.species)[int(error.argmax())]


def test_whole_patient_against_libroadrunner(require: Callable[[str], Any], judges: ModuleType) -> None:
    require("libsbml")
    roadrunner = require("roadrunner")
    from cereblon.exchange.sbml import to_sbml

    model, doses = treated()
    equations = judges.Equations(model.network, model.coherent())
    engine = roadrunner.RoadRunner(to_sbml(model.network, model.coherent(), doses))
    floating = set(engine.model.getFloatingSpeciesIds())  # a rate or a share is a parameter of SBML, no species
    ids = [judges.sid("s", name) for name in equations.species]
    engine.timeCourseSelections = ["time", *(f"[{i}]" if i in floating else i for i in ids)]
    engine.integrator.relative_tolerance, engine.integrator.absolute_tolerance = 1e-11, 1e-16
    judged = np.asarray(engine.simulate(times=[0.0, *TIMES.tolist()]))[1:, 1:]
    judge(model, ours(model, doses), judged, equations.scale)


@pytest.mark.prove
def test_whole_patient_against_scipy_radau(judges: ModuleType) -> None:
    model, doses = treated()
    equations = judges.Equations(model.network, model.coherent())
    _, judged = judges.radau(equations, judges.legs(doses, TIMES, equations.numbers), 1e-9)
    judge(model, ours(model, doses), judged, equations.scale)


PATIENTS, SAMPLES, CYCLES = 6, 2000, 3
TOO_FINE = 1e-10  # the tolerance of the reference, which the tests above hold to other engines at 1e-9


@pytest.fixture(scope="module")
def promised() -> dict[str, Any]:
    """Six refractory patients at times that no dose or step announces, and what a far smaller tolerance makes of it."""
    given = (
        cb.dose("mezigdomide", "1 mg", days="1-21", cycle="28 d", cycles=CYCLES)
        + cb.dose("dexamethasone", "40 mg", days="1,8,15,22", cycle="28 d", cycles=CYCLES)
        + cb.dose("bortezomib", "2.34 mg", days="1,4,8,11", cycle="28 d", cycles=CYCLES)
    )
    patients = population("triple_class_refractory").sample(PATIENTS, 1)
    model = whole_patient(given.compounds, patients.cells, body=patients.body)
    values = {**model.coherent(), **for_age(given, model, patients.numbers(model))}
    times = np.sort(np.random.default_rng(7).uniform(0, CYCLES * 28 * 24, SAMPLES))
    work = {"values": values, "times": times, "doses": given.doses(), "observe": list(model.network.species)}
    return {"network": model.network, "work": work, "judged": model.network.simulate(**work, rtol=TOO_FINE).values}


@pytest.mark.parametrize("rtol", [1e-3, 1e-4, 1e-5, 1e-6])
@pytest.mark.parametrize("method", ["RODAS5P", "RODAS4"])
def test_every_species_of_a_cohort_keeps_the_promise_between_steps(
    promised: dict[str, Any], judges: ModuleType, method: str, rtol: float
) -> None:
    network, work, judged = promised["network"], promised["work"], promised["judged"]
    one = [{n: v[i] if isinstance(v, np.ndarray) else v for n, v in work["values"].items()} for i in range(PATIENTS)]
    scale = np.array([judges.Equations(network, values).scale for values in one])[:, None, :]
    run = network.simulate(**work, rtol=rtol, method=method)
    assert run.ok
    error = (np.abs(run.values - judged) / (rtol * np.abs(judged) + 1e-3 * rtol * scale)).max(axis=(0, 1))
    assert error.max() <= 10.0, list(network.species)[int(error.argmax())]
