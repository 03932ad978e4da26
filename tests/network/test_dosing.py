"""Doses against closed forms, superposition, and the same table written out by hand."""

import math
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.linalg import expm

from cereblon.ground.errors import DoseError, InputError, NetworkError
from cereblon.network.dosing import Dose
from cereblon.network.network import Network
from cereblon.network.trajectory import Trajectory

V, K, KA = 10.0, 0.3, 1.1
VALUES = {"V": V, "k": K, "ka": KA, "F": 1.0, "lag": 0.0}
TIMES = np.array([0, 0.25, 1, 2, 3.5, 6, 11.9, 12, 12.1, 24, 30, 47, 60.0])
TIGHT = {"rtol": 1e-10, "method": "RODAS5P"}
GUT, CENTRAL = "D@gut", "D@central"


def bolus(t: np.ndarray, dose: float = 100) -> np.ndarray:
    """One-compartment bolus; nothing at its own time, by the tie rule."""
    return np.where(t > 0, dose / V * np.exp(-K * np.maximum(t, 0)), 0)


def infusion(t: np.ndarray, dose: float, hours: float) -> np.ndarray:
    """One-compartment infusion at a constant rate."""

    def rising(x: np.ndarray) -> np.ndarray:
        return np.where(x > 0, 1 - np.exp(-K * np.maximum(x, 0)), 0)

    return dose / hours / (V * K) * (rising(t) - rising(t - hours) * 1.0)


def oral(t: np.ndarray, dose: float = 100) -> np.ndarray:
    """Bateman's function."""
    x = np.maximum(t, 0)
    return dose / V * KA / (KA - K) * (np.exp(-K * x) - np.exp(-KA * x))


def central(network: Network, doses: Any, **changes: Any) -> np.ndarray:
    traj = network.simulate(VALUES | changes, TIMES, doses, **TIGHT)
    assert traj.ok
    return traj[CENTRAL]


CASES: list[tuple[str, list[Dose], dict[str, float], Callable[[np.ndarray], np.ndarray]]] = [
    ("bolus", [Dose(0, CENTRAL, 100)], {}, bolus),
    ("bolus later", [Dose(12, CENTRAL, 100)], {}, lambda t: bolus(t - 12)),
    ("bolus halved by F", [Dose(0, CENTRAL, 100, F="F")], {"F": 0.5}, lambda t: bolus(t, 50)),
    ("bolus after a lag", [Dose(0, CENTRAL, 100, lag="lag")], {"lag": 1.7}, lambda t: bolus(t - 1.7)),
    ("bolus every 12 h", [Dose(0, CENTRAL, 100, ii=12, addl=3)], {},
     lambda t: sum(bolus(t - 12 * j) for j in range(4))),
    ("two at once", [Dose(0, CENTRAL, 100), Dose(0, CENTRAL, 50)], {}, lambda t: bolus(t, 150)),
    ("infusion", [Dose(0, CENTRAL, 100, duration=5)], {}, lambda t: infusion(t, 100, 5)),
    ("infusion by rate", [Dose(1, CENTRAL, 100, rate=20)], {}, lambda t: infusion(t - 1, 100, 5)),
    ("infusion by rate, F shortens it", [Dose(0, CENTRAL, 100, rate=20, F="F")], {"F": 0.5},
     lambda t: infusion(t, 50, 2.5)),
    ("infusion by duration, F thins it", [Dose(0, CENTRAL, 100, duration=5, F="F")], {"F": 0.5},
     lambda t: infusion(t, 50, 5)),
    ("infusion after a lag", [Dose(0, CENTRAL, 100, duration=5, lag="lag")], {"lag": 2.0},
     lambda t: infusion(t - 2, 100, 5)),
    ("overlapping infusions of one row", [Dose(0, CENTRAL, 100, duration=10, ii=4, addl=5)], {},
     lambda t: sum(infusion(t - 4 * j, 100, 10) for j in range(6))),
    ("overlapping infusions of two rows", [Dose(0, CENTRAL, 100, duration=10), Dose(3, CENTRAL, 60, rate=10)], {},
     lambda t: infusion(t, 100, 10) + infusion(t - 3, 60, 6)),
    ("infusion end to end", [Dose(0, CENTRAL, 100, duration=6, ii=6, addl=3)], {}, lambda t: infusion(t, 400, 24)),
    ("infusion and bolus", [Dose(0, CENTRAL, 100, duration=6), Dose(0, CENTRAL, 40)], {},
     lambda t: infusion(t, 100, 6) + bolus(t, 40)),
    ("oral", [Dose(0, GUT, 100)], {}, oral),
    ("oral with F and lag, twice", [Dose(0, GUT, 100, ii=24, addl=1, F="F", lag="lag")], {"F": 0.7, "lag": 0.4},
     lambda t: 0.7 * (oral(t - 0.4) + oral(t - 24.4))),
    ("zero-order into the gut", [Dose(0, GUT, 100, duration=4)], {},
     lambda t: np.array([(infused_gut(x)) for x in t])),
    ("nothing", [], {}, lambda t: 0 * t),
    ("amount zero", [Dose(0, CENTRAL, 0)], {}, lambda t: 0 * t),
]  # fmt: skip


def infused_gut(t: float) -> float:
    """Zero- then first-order input by the matrix exponential with the input as a third state."""
    a = np.array([[-KA, 0, 100 / 4 / V], [KA, -K, 0], [0, 0, 0]])
    y = expm(a * min(t, 4)) @ np.array([0, 0, 1.0])
    return float((expm(a * max(t - 4, 0)) @ np.array([y[0], y[1], 0]))[1])


@pytest.mark.parametrize(("doses", "changes", "exact"), [c[1:] for c in CASES], ids=[c[0] for c in CASES])
def test_one_compartment_against_its_closed_form(
    one_compartment: Network, doses: list[Dose], changes: dict[str, float], exact: Callable[[np.ndarray], np.ndarray]
) -> None:
    assert np.allclose(central(one_compartment, doses, **changes), exact(TIMES), rtol=1e-8, atol=1e-10)


def compartments(n: int) -> tuple[Network, dict[str, float], np.ndarray, np.ndarray]:
    """A mammillary model of n compartments with a gut; its rate matrix of amounts and its volumes."""
    net = Network(f"{n} compartments")
    names = ["central", *[f"peripheral{j}" for j in range(1, n)]]
    values = {"ka": 0.9, "CL": 4.0}
    for j, name in enumerate(names):
        net.place(name, volume=f"V{j}")
        net.parameter(f"V{j}", "L")
        values[f"V{j}"] = 7.0 * (j + 1) ** 2
        net.add_species(f"D@{name}", "nM", scale="1")
    net.place("gut", volume="1")
    net.parameter("ka", "1/h")
    net.parameter("CL", "L/h")
    net.add_species("D@gut", "nM", scale="1")
    net.reaction("D@gut -> D@central", forward="ka")
    net.reaction("D@central -> 0", forward="CL / V0")
    volumes = np.array([*[values[f"V{j}"] for j in range(n)], 1.0])
    rates = np.zeros((n + 1, n + 1))
    rates[n, n] -= values["ka"]
    rates[0, n] += values["ka"]
    rates[0, 0] -= values["CL"] / volumes[0]
    for j in range(1, n):
        net.parameter(f"Q{j}", "L/h")
        values[f"Q{j}"] = q = 3.0 / j
        net.reaction(f"D@central <-> D@{names[j]}", forward=f"Q{j} / V0", reverse=f"Q{j} / V0")
        # reverse is per hour of the reaction's place: the amount going back is Q/V0 * V0 * [peripheral]
        rates[0, 0] -= q / volumes[0]
        rates[j, 0] += q / volumes[0]
        rates[0, j] += q / volumes[j]
        rates[j, j] -= q / volumes[j]
    return net, values, rates, volumes


@pytest.mark.parametrize("n", [1, 2, 3])
@pytest.mark.parametrize("way", ["bolus", "oral", "infusion"])
def test_mammillary_models_against_the_matrix_exponential(n: int, way: str) -> None:
    net, values, rates, volumes = compartments(n)
    into = n if way == "oral" else 0
    row = Dose(0, "D@gut" if way == "oral" else "D@central", 500, duration=3 if way == "infusion" else 0, ii=12, addl=2)
    found = net.simulate(values, TIMES, [row], **TIGHT)
    with_input = np.zeros((n + 2, n + 2))
    with_input[: n + 1, : n + 1] = rates
    with_input[into, n + 1] = 500 / 3
    single = np.zeros((len(TIMES), n + 1))
    for k, t in enumerate(TIMES):
        for start in (0, 12, 24):
            x = t - start
            if x <= 0:
                continue
            unit = np.zeros(n + 1)
            unit[into] = 500
            if way == "infusion":
                on = (expm(with_input * min(x, 3)) @ np.append(np.zeros(n + 1), 1))[: n + 1]
                single[k] += expm(rates * max(x - 3, 0)) @ on
            else:
                single[k] += expm(rates * x) @ unit
    exact = single / volumes
    for j, name in enumerate([*net.places][:n]):
        assert np.allclose(found[f"D@{name}"], exact[:, j], rtol=1e-8, atol=1e-9), name
    assert np.allclose(found["D@gut"], exact[:, n], rtol=1e-8, atol=1e-9)


def test_a_sample_at_the_time_of_a_dose_is_before_the_dose(one_compartment: Network) -> None:
    at = one_compartment.simulate(VALUES, [0, 5, 5, 10], [Dose(0, CENTRAL, 100), Dose(5, CENTRAL, 100, ii=5, addl=1)])
    exact = 10 * math.exp(-K * 5)
    assert at[CENTRAL][0] == 0.0
    assert at[CENTRAL][1] == at[CENTRAL][2] == pytest.approx(exact, rel=1e-5)
    assert at[CENTRAL][3] == pytest.approx((exact + 10) * math.exp(-K * 5), rel=1e-5)


def test_a_sample_at_a_lagged_time_is_before_the_dose(one_compartment: Network) -> None:
    for lag in (0.1, 0.3, 1 / 3, 2.7):
        at = one_compartment.simulate(VALUES | {"lag": lag}, [0 + lag], [Dose(0, CENTRAL, 100, lag="lag")])
        assert at[CENTRAL][0] == 0.0


def test_a_dose_exactly_at_the_end_is_not_given(one_compartment: Network) -> None:
    traj = one_compartment.simulate(VALUES, [0, 10], [Dose(10, CENTRAL, 100)])
    assert traj[CENTRAL].tolist() == [0, 0]
    assert traj.final[0].tolist() == [0, 0]


def test_a_run_of_no_length_samples_before_the_dose(one_compartment: Network) -> None:
    traj = one_compartment.simulate(VALUES, [0], [Dose(0, CENTRAL, 100)])
    assert traj.ok
    assert traj[CENTRAL].tolist() == [0]
    assert traj.final[0].tolist() == [0, 0]


def test_doses_after_the_end_change_nothing(one_compartment: Network) -> None:
    with_late = central(one_compartment, [Dose(0, CENTRAL, 100), Dose(61, CENTRAL, 100)])
    assert np.array_equal(with_late, central(one_compartment, [Dose(0, CENTRAL, 100)]))


def test_doses_go_into_any_species(degradation: Network, patients: Callable[[int], dict[str, np.ndarray]]) -> None:
    values = {name: float(column[0]) for name, column in patients(1).items()}
    for name in degradation.species:
        before = degradation.simulate(values, [0, 1e-9])[name][1]
        after = degradation.simulate(values, [0, 1e-9], [Dose(0, name, 3.0)])[name][1]
        assert after - before == pytest.approx(3.0, rel=1e-4)


def test_an_amount_is_spread_over_the_species_own_volume() -> None:
    net = Network("volumes")
    net.place("blood", volume="5")
    net.add_species("A@blood", "nM")
    net.add_species("B@blood", "nM", volume="50")
    net.reaction("A@blood -> B@blood + 0", rate="0 * [A@blood] / 1")
    traj = net.simulate({}, [0, 1], [Dose(0, "A@blood", 100), Dose(0, "B@blood", 100)], check=False)
    assert (traj["A@blood"][1], traj["B@blood"][1]) == (20, 2)


def test_a_rate_across_places_moves_amounts_not_concentrations() -> None:
    net = Network("volumes")
    net.place("a", volume="2")
    net.place("b", volume="8")
    net.parameter("k", "1/h")
    net.add_species("X@a", "nM", initial="10")
    net.add_species("X@b", "nM")
    net.reaction("X@a -> X@b", forward="k")
    traj = net.simulate({"k": 1.0}, [0, 1, 50], rtol=1e-9)
    assert np.allclose(2 * traj["X@a"] + 8 * traj["X@b"], 20)
    assert traj["X@b"][2] == pytest.approx(2.5)


def test_each_subject_follows_its_own_calendar(one_compartment: Network) -> None:
    calendars = [[Dose(0, CENTRAL, 100)], [], [Dose(3, CENTRAL, 50), Dose(7, GUT, 80)], [Dose(0, CENTRAL, 100)]]
    k = np.array([0.3, 0.3, 0.2, 0.1])
    together = one_compartment.simulate(VALUES | {"k": k}, TIMES, calendars, **TIGHT)
    for i, calendar in enumerate(calendars):
        alone = one_compartment.simulate(VALUES | {"k": float(k[i])}, TIMES, calendar, **TIGHT)
        assert np.array_equal(together[CENTRAL][i], alone[CENTRAL])


def test_each_subject_has_its_own_lag_and_bioavailability(one_compartment: Network) -> None:
    lag, F = np.array([0.0, 0.7, 13.0, 100.0]), np.array([1.0, 0.2, 0.0, 0.5])
    doses = [Dose(0, GUT, 100, ii=12, addl=2, lag="lag", F="F"), Dose(5, CENTRAL, 70, rate=30, lag="lag", F="F")]
    together = one_compartment.simulate(VALUES | {"lag": lag, "F": F}, TIMES, doses, **TIGHT)
    for i in range(4):
        one = VALUES | {"lag": float(lag[i]), "F": float(F[i])}
        assert np.array_equal(one_compartment.simulate(one, TIMES, doses, **TIGHT).values[0], together.values[i])
        parts = [F[i] * oral(TIMES - lag[i] - 12 * j) for j in range(3)]
        parts += [infusion(TIMES - lag[i] - 5, 70 * F[i], 70 * F[i] / 30)] if F[i] else []
        assert np.allclose(together[CENTRAL][i], sum(parts), rtol=1e-8, atol=1e-10)


@pytest.mark.parametrize("changes", [{"lag": -1.0}, {"F": -0.1}, {"lag": np.array([0.0, -5.0])}], ids=str)
def test_a_negative_lag_or_bioavailability_is_refused(one_compartment: Network, changes: dict[str, Any]) -> None:
    with pytest.raises(InputError):
        one_compartment.simulate(VALUES | changes, [0, 30], [Dose(0, GUT, 100, ii=4, addl=2, lag="lag", F="F")])


def test_each_subject_has_its_own_sample_times(one_compartment: Network) -> None:
    times = np.array([[0, 1, 2.0], [3, 4, 30.0]])
    traj = one_compartment.simulate(VALUES | {"k": np.array([0.3, 0.3])}, times, [Dose(0, CENTRAL, 100)], **TIGHT)
    assert np.allclose(traj[CENTRAL], bolus(times), rtol=1e-8)


def test_a_run_may_start_later(one_compartment: Network) -> None:
    traj = one_compartment.simulate(VALUES, [100, 101, 105], [Dose(100, CENTRAL, 100)], start=100, **TIGHT)
    assert np.allclose(traj[CENTRAL], bolus(np.array([0, 1, 5.0])), rtol=1e-8)


def test_reset_returns_every_species_to_its_start(one_compartment: Network) -> None:
    doses = [Dose(0, CENTRAL, 100), Dose(0, GUT, 40), Dose(6, CENTRAL, 70, reset=True)]
    found = central(one_compartment, doses)
    assert np.allclose(found[TIMES > 6], bolus(TIMES[TIMES > 6] - 6, 70), rtol=1e-8)


def test_reset_ends_a_running_infusion(one_compartment: Network) -> None:
    """NONMEM evid 3: the system is as it was at the start, and no pump is running."""
    found = central(one_compartment, [Dose(0, CENTRAL, 100, duration=20), Dose(6, CENTRAL, 0, reset=True)])
    assert np.allclose(found[TIMES > 6], 0)


def test_an_infusion_shorter_than_the_clock_can_tell_still_delivers(one_compartment: Network) -> None:
    traj = one_compartment.simulate(VALUES, [8000, 8001], [Dose(8000, CENTRAL, 100, duration=1e-13)], start=8000)
    assert traj[CENTRAL][1] == pytest.approx(10 * math.exp(-K), rel=1e-5)


FIELDS = st.fixed_dictionaries({
    "time": st.integers(0, 40).map(float), "amt": st.floats(0, 300), "ii": st.sampled_from([1.5, 4.0, 12.0]),
    "addl": st.integers(0, 6), "duration": st.sampled_from([0.0, 0.0, 0.5, 3.0, 6.0]),
    "species": st.sampled_from([GUT, CENTRAL]), "lag": st.sampled_from([None, "lag"]),
    "F": st.sampled_from([None, "F"]),
})  # fmt: skip
TABLES = st.lists(FIELDS.map(lambda fields: Dose(**fields)), max_size=6)


def simulated(network: Network, doses: list[Dose]) -> Trajectory:
    traj = network.simulate(VALUES | {"F": 0.6, "lag": 0.7}, TIMES, doses, rtol=1e-11, method="RODAS5P")
    assert traj.ok
    return traj


@given(TABLES)
@settings(max_examples=settings().max_examples // 2)
def test_a_table_equals_the_same_table_written_out(one_compartment: Network, table: list[Dose]) -> None:
    written = [
        Dose(d.time + j * d.ii, d.species, d.amt, duration=d.duration, lag=d.lag, F=d.F)
        for d in table
        for j in range(d.addl + 1)
    ]
    short, long = simulated(one_compartment, table), simulated(one_compartment, written[::-1])
    assert np.allclose(short.values, long.values, rtol=1e-9, atol=1e-9)


@given(TABLES)
@settings(max_examples=settings().max_examples // 2)
def test_doses_of_a_linear_model_superpose(one_compartment: Network, table: list[Dose]) -> None:
    total = simulated(one_compartment, table).values
    parts = sum((simulated(one_compartment, [d]).values for d in table), np.zeros_like(total))
    assert np.allclose(total, parts, rtol=1e-8, atol=1e-8)


@pytest.mark.parametrize(
    "fields",
    [
        {"time": -1}, {"amt": -1}, {"amt": math.nan}, {"amt": math.inf}, {"time": math.nan}, {"ii": -1, "addl": 1},
        {"addl": 1}, {"addl": 1.5, "ii": 1}, {"addl": -1, "ii": 1}, {"ss": True}, {"rate": 1, "duration": 1},
        {"rate": -1}, {"duration": -2}, {"duration": math.inf}, {"amt": 0, "rate": 1},
        {"ss": True, "ii": 2, "duration": 3},
        {"amt": "100"}, {"amt": None}, {"time": "0"}, {"amt": 1e300}, {"ii": math.nan, "addl": 1}, {"amt": True},
    ],
    ids=str,
)  # fmt: skip
def test_a_dose_that_cannot_be_is_refused(fields: dict[str, Any]) -> None:
    with pytest.raises(DoseError) as caught:
        Dose(**({"time": 0, "species": CENTRAL, "amt": 100} | fields))
    assert "\n" not in str(caught.value)


def test_a_dose_into_the_unknown_names_the_nearest(one_compartment: Network) -> None:
    with pytest.raises(NetworkError, match="D@central"):
        central(one_compartment, [Dose(0, "D@centrla", 1)])
    with pytest.raises(NetworkError, match="lag"):
        central(one_compartment, [Dose(0, CENTRAL, 1, lag="lagg")])


def test_calendars_must_be_one_or_as_many_as_subjects(one_compartment: Network) -> None:
    with pytest.raises(InputError):
        central(one_compartment, [[Dose(0, CENTRAL, 1)], []])


def test_no_doses_may_be_said_as_none(one_compartment: Network) -> None:
    assert not central(one_compartment, None).any()
