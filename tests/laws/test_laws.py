"""Laws that hold whatever the numbers are: every parameter of the ligase is drawn at random.

The cell is closed for the glue (a dish without decay), so cereblon and glue must be conserved to the last
digit that the integrator was asked for.
"""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cereblon.mechanism.binding import uptake
from cereblon.mechanism.ligase import ligase
from cereblon.network.dosing import Dose

SUBSTRATES = ("IKZF1", "ZFP91")
RANGES = {
    "total": (1, 1e3), "t_half": (1, 100), "Kd": (0.1, 1e4), "K_c": (1e-2, 1e2), "k_on": (1e-2, 10),
    "k_close": (1, 1e4), "k_dub": (1, 1e4), "k_ub": (1, 1e4), "k_ned": (0.1, 100), "k_cat": (0.1, 1e3),
    "capacity": (1e2, 1e6), "load": (0.1, 1e3), "active": (0.05, 0.9), "inhibition": (0, 0),
    "uptake": (0.1, 10), "k_exchange": (0.1, 100), "volume": (1e-6, 1e-3),
}  # fmt: skip
"""Where a parameter is drawn, by the last word of its address, in nM and h; without inhibitors."""


def dish():
    cell = ligase(["lenalidomide"], SUBSTRATES, 2) + uptake("lenalidomide", "medium", fu=False)
    net = cell.at("tumour")
    for place in ("tumour", "medium"):
        net.place(place, f"{place}.volume")
        net.parameter(f"{place}.volume", "L", f"volume of the {place}", shared=True)
    return net


NET = dish()


@st.composite
def cells(draw):
    def one(name):
        low, high = RANGES[name.partition("@")[0].rpartition(".")[2]]
        return low if low == high else float(low * (high / low) ** draw(st.floats(0, 1)))

    return {name: one(name) for name in NET.parameters}


few = settings(max_examples=max(60, settings().max_examples // 10))  # more of them in `make prove`


@few
@given(cells())
def test_drug_free_state_stands_still(values):
    found = NET.simulate(values, [0, 24, 672])
    assert found.ok
    for name in NET.species:
        assert np.abs(found[name] - found[name][0]).max() <= 1e-9 * max(found[name][0], 1), name


@few
@given(cells(), st.floats(-2, 5))
def test_cereblon_and_glue_are_conserved(values, exponent):
    amount = 10.0**exponent * values["medium.volume"]
    found = NET.simulate(values, [0, 1e-3, 0.1, 4, 100], [Dose(0, "lenalidomide@medium", amount)])
    assert found.ok
    inside = {name: found[name] for name in NET.species if name.endswith("@tumour")}
    with_cereblon = sum(x for name, x in inside.items() if name.startswith("CRBN"))
    np.testing.assert_allclose(with_cereblon, values["CRBN.total@tumour"], rtol=1e-9)
    with_glue = sum(x for name, x in inside.items() if "lenalidomide" in name)
    total = with_glue * values["tumour.volume"] + found["lenalidomide@medium"] * values["medium.volume"]
    np.testing.assert_allclose(total[1:], amount, rtol=1e-9)


@few
@given(cells())
def test_a_ternary_complex_never_exceeds_either_partner(values):
    found = NET.simulate(values, [0.1, 4, 100], [Dose(0, "lenalidomide@medium", 1e3 * values["medium.volume"])])
    for S in SUBSTRATES:
        complex_ = found[f"lenalidomide.{S}.ternary@tumour"]
        assert (complex_ <= values["CRBN.total@tumour"] * (1 + 1e-6)).all()
        assert (complex_ <= found[f"{S}.remaining@tumour"] * values[f"{S}.total@tumour"] * (1 + 1e-6)).all()
    assert (found["lenalidomide.CRBN.closed@tumour"] <= found["lenalidomide.CRBN.occupancy@tumour"] + 1e-9).all()


@few
@given(cells())
def test_without_cereblon_nothing_is_lost(values):
    null = values | {"CRBN.total@tumour": 0.0}
    found = NET.simulate(null, [4, 100], [Dose(0, "lenalidomide@medium", 1e4 * values["medium.volume"])])
    assert found.ok
    for S in SUBSTRATES:
        np.testing.assert_allclose(found[f"{S}.remaining@tumour"], 1, rtol=1e-9)


@few
@given(cells())
def test_no_detailed_cycle_turns_without_fuel(values):
    """Without ubiquitin and turnover every reversible reaction is at rest: forward equals reverse."""
    still = values | {"CRL4.k_ub@tumour": 0.0, "MEIS2.CRBN.k_cat@tumour": 0.0, "CRL4.k_ned@tumour": 1e-12}
    still |= {f"{S}.t_half@tumour": 1e15 for S in (*SUBSTRATES, "MEIS2")}
    dose = Dose(0, "lenalidomide@medium", 100 * values["medium.volume"])
    found = NET.simulate(still, [1e7], [dose], rtol=1e-9)
    assert found.ok
    state = {name: float(found[name][-1]) for name in NET.species}
    numbers = dict(still)
    for name, derived in NET.derived.items():
        numbers[name] = derived.expression.evaluate(numbers)
    for reaction in NET.reactions:
        if reaction.reverse is not None and all(state[name] > 1e-6 for name in reaction.species):
            forward = reaction.forward.evaluate(numbers, state) * np.prod([state[n] for n, _ in reaction.reactants])
            reverse = reaction.reverse.evaluate(numbers, state) * np.prod([state[n] for n, _ in reaction.products])
            assert forward == pytest.approx(reverse, rel=1e-4), reaction.scheme


@settings(max_examples=30)
@given(cells())
def test_more_glue_never_leaves_more_substrate_at_rest(values):
    """No hook: under a lasting glue the loss only deepens with its concentration."""
    alone = values | {"tumour.volume": np.full(9, 1e-9), "medium.volume": 1e-3, "ZFP91.total@tumour": 1e-3}
    calendars = [[Dose(0, "lenalidomide@medium", x * 1e-3)] for x in np.geomspace(1e-2, 1e6, 9)]
    found = NET.simulate(alone, [24, 500], calendars)
    left = found["IKZF1.remaining@tumour"][:, 1]
    assert (np.diff(left) <= 1e-4).all()
