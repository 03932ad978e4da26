"""Any dosing table against the matrix exponential: a linear network has a closed form between two doses."""

from types import ModuleType

import numpy as np
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from scipy.linalg import expm

from cereblon.network.dosing import Dose
from cereblon.network.network import Network


def two_compartments() -> Network:
    net = Network("two compartments")
    for name, unit, value in (
        ("ka", "1/h", 0.7), ("k10", "1/h", 0.2), ("k12", "1/h", 0.3), ("k21", "1/h", 0.1), ("early.lag", "h", 0.37),
        ("late.lag", "h", 1.5), ("F", "1", 0.6), ("V", "L", 10), ("V2", "L", 25),
    ):  # fmt: skip
        net.parameter(name, unit, value=value)
    for place, volume in (("gut", "V"), ("central", "V"), ("peripheral", "V2")):
        net.add_species(f"g@{place}", "nM", volume=volume)
    net.reaction("g@gut -> g@central", forward="ka")
    net.reaction("g@central -> 0", forward="k10")
    net.reaction("g@central <-> g@peripheral", rate="k12 * [g@central] - k21 * [g@peripheral]")
    return net


NETWORK = two_compartments()
MOMENTS = st.sampled_from([0.0, 1.0, 2.5, 5.0, 10.0]) | st.floats(0, 30)


@st.composite
def tables(draw: st.DrawFn) -> list[Dose]:
    """Rows with every combination of ii/addl, infusion, lag and F, often at the same moment."""
    rows = []
    for _ in range(draw(st.integers(1, 5))):
        amount = draw(st.sampled_from([0.0, 10.0, 100.0]) | st.floats(0, 1000))
        repeated = draw(st.booleans())
        infused = draw(st.sampled_from(["no", "duration", "rate"]))
        rows.append(
            Dose(
                time=draw(MOMENTS),
                species=draw(st.sampled_from(list(NETWORK.species))),
                amt=amount,
                ii=draw(st.sampled_from([0.5, 1.0, 3.0, 7.3])) if repeated else 0.0,
                addl=draw(st.integers(0, 8)) if repeated else 0,
                duration=draw(st.sampled_from([0.5, 1.0, 10.0])) if infused == "duration" else 0.0,
                rate=draw(st.sampled_from([1.0, 10.0, 300.0])) if infused == "rate" and amount else 0.0,
                lag=draw(st.sampled_from([None, "early.lag", "late.lag"])),
                F=draw(st.sampled_from([None, "F"])),
            )
        )
    return rows


@given(tables(), st.lists(MOMENTS, min_size=1, max_size=8, unique=True))
@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_dosing_table_against_the_matrix_exponential(
    judges: ModuleType, doses: list[Dose], moments: list[float]
) -> None:
    """Samples at a dose are before it; doses of one moment all count; infusions overlap."""
    times = [*sorted(moments), 31.0]
    exact = closed_form(judges, doses, times)
    run = NETWORK.simulate({}, times, doses, rtol=1e-9, observe=NETWORK.species, threads=1)
    assert run.ok
    assert np.abs(run.values[0] - exact).max() <= 1e-6 * max(1.0, np.abs(exact).max())


def closed_form(judges: ModuleType, doses: list[Dose], times: list[float]) -> NDArray[np.float64]:
    """States (times, species): expm of the affine system over each stretch without a jump."""
    equations = judges.Equations(NETWORK, {})
    n = len(equations.species)
    matrix = np.zeros((n + 1, n + 1))
    matrix[:n, :n] = equations.jacobian(0.0, np.ones(n))
    state, rows = equations.initial.copy(), []
    for leg in judges.legs(doses, times, equations.numbers):
        wanted = list(leg.times)
        if judges.sample_at_start(leg):
            rows.append(state.copy())
            wanted.pop(0)
        for name, amount in leg.jumps:
            i = equations.species.index(name)
            state[i] += amount / equations.volume[i]
        matrix[:n, n] = 0
        for name, rate in leg.infused:
            i = equations.species.index(name)
            matrix[i, n] += rate / equations.volume[i]
        rows += [(expm(matrix * (t - leg.begin)) @ np.append(state, 1))[:n] for t in wanted]
        state = (expm(matrix * (leg.end - leg.begin)) @ np.append(state, 1))[:n]
    return np.array(rows)
