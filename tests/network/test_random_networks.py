"""Networks that nobody thought of, against SciPy's Radau on plain Python arithmetic."""

import numpy as np
from hypothesis import given, reject, settings
from hypothesis import strategies as st
from scipy.integrate import solve_ivp

from cereblon.network.dosing import Dose
from cereblon.network.network import Network

NAMES = ["A", "B", "C", "D", "E"]
PARAMETERS = {"k": 0.7, "j": 2.3, "K": 1.9, "n": 1.6, "fast": 400.0}
VOLUMES = {"A": 1.0, "B": 1.0, "C": 4.0, "D": 0.5, "E": 1.0}
TERM = st.sampled_from(NAMES)
SIDE = st.lists(TERM, min_size=0, max_size=2)
CONSTANT = st.sampled_from(["k", "j", "0.1 * k", "fast", "k * j / K", "0.3"])
FACTOR = st.sampled_from([
    "1", "hill([{}], K, 2)", "hill([{}], K, n)", "exp(-[{}])", "(1 + [{}] / K)^-1", "1 / (1 + ([{}] / K)^n)",
    "(1 + 0.5 * exp(-time))", "min([{}], 1) / (1 + [{}])", "sqrt(1 + [{}])", "log(2 + [{}])",
    "max([{}], 0.2) / (1 + [{}])",
])  # fmt: skip
AMOUNT = st.integers(0, 30).map(lambda tenths: tenths / 10)
REACTION = st.tuples(SIDE, SIDE, CONSTANT, FACTOR, TERM)


@given(st.lists(REACTION, min_size=1, max_size=8), st.lists(AMOUNT, min_size=5, max_size=5), st.booleans())
@settings(max_examples=settings().max_examples // 6)  # each compiles
def test_a_random_network_follows_radau(reactions: list, initial: list[float], dosed: bool) -> None:
    net = Network("random")
    for name, value in PARAMETERS.items():
        net.parameter(name, "1", value=value)
    for name, value in zip(NAMES, initial, strict=True):
        net.add_species(name, "1", initial=repr(value), volume=repr(VOLUMES[name]))
        net.reaction(f"{name} -> 0", rate=f"0.5 * [{name}]^2 + 0.1 * [{name}]")  # nothing grows without bound
    for left, right, constant, factor, reader in reactions:
        if left or right:
            rate = "".join([constant, *(f" * [{name}]" for name in left)]) + " * " + factor.replace("{}", reader)
            net.reaction(f"{' + '.join(left) or '0'} -> {' + '.join(right) or '0'}", rate=rate)

    def slope(time: float, y: np.ndarray) -> np.ndarray:
        state = dict(zip(NAMES, y.tolist(), strict=True))
        change = dict.fromkeys(NAMES, 0.0)
        for reaction in net.reactions:
            rate = reaction.rate.evaluate(PARAMETERS, state, time) * VOLUMES[reaction.anchor]
            for name, count in reaction.stoichiometry.items():
                change[name] += count * rate / VOLUMES[name]
        return np.array(list(change.values()))

    judge = np.array(initial)
    legs = [(0.0, 1.0), (1.0, 3.0)]
    rows = [judge]
    for begin, end in legs:
        if dosed and begin == 1.0:
            judge = judge + np.array([0, 0, 2.0, 0, 0]) / VOLUMES["C"]
        try:
            judge = solve_ivp(slope, (begin, end), judge, "Radau", rtol=1e-9, atol=1e-11).y[:, -1]
        except (ValueError, ZeroDivisionError, OverflowError):  # a species used up at a constant rate went below 0
            reject()
        rows.append(judge)
    doses = [Dose(1, "C", 2.0)] if dosed else []
    traj = net.simulate({}, [0, 1, 3], doses, rtol=1e-9, observe=NAMES, check=False)
    assert traj.ok, str(traj)
    assert np.allclose(traj.values[0], rows, rtol=2e-7, atol=2e-8), str(net)
