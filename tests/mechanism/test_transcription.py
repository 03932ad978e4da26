"""MYC and IRF4 after the loss of IKZF1 and IKZF3: the published loop, its resistance, its second road."""

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from cereblon.ground.errors import InputError
from cereblon.ground.vocabulary import check_address
from cereblon.mechanism.ligase import ligase
from cereblon.mechanism.transcription import IKZF, shares, transcription
from cereblon.network.dosing import Dose
from cereblon.network.network import Network

LOOP = {
    "MYC.independent": 0.1, "IRF4.independent": 0.2, "MYC.IKZF.K": 0.4, "MYC.IKZF.hill": 2.0, "MYC.IRF4.K": 0.3,
    "MYC.IRF4.hill": 1.0, "IRF4.MYC.K": 0.4, "IRF4.MYC.hill": 2.0, "MYC.half_time": 12.0, "IRF4.half_time": 18.0,
    "interferon.weight": 0.0, "interferon.IKZF.K": 0.4, "interferon.IKZF.hill": 2.0, "interferon.half_time": 12.0,
    "CD38.total": 300.0, "CD38.interferon.gain": 0.5, "CD38.half_time": 24.0,
}  # fmt: skip
FALL = {"fall.half_time": 2.0, "IKZF1.level": 0.05, "IKZF3.level": 1.0}
COUPLINGS = ("product", "minimum", "geometric_mean")


def prescribed(coupling="product"):
    """The loop with shares of both factors that fall from 1 to `level`, each in its own way."""
    net = transcription({S: f"[{S}]" for S in IKZF}, coupling)
    net.parameter("fall.half_time", "h", "half-time of the fall")
    for S in IKZF:
        net.parameter(f"{S}.level", "1", "where it falls to")
        net.add_species(S, "1", initial="1")
        net.reaction(f"0 -> {S}", rate=f"log(2) / fall.half_time * {S}.level")
        net.reaction(f"{S} -> 0", forward="log(2) / fall.half_time")
    return net


def run(times, coupling="product", **changes):
    found = prescribed(coupling).simulate(LOOP | FALL | changes, times)
    assert found.ok
    return found


def fallen_by_half(times, x):
    """When x has done half of its way."""
    return np.interp(0.5, (x[0] - x) / (x[0] - x[-1]), times)


def test_loop_against_the_published_rows():
    found = run([24, 48, 72, 96, 120])
    np.testing.assert_allclose(found["MYC"], [0.3937, 0.1846, 0.1310, 0.1164, 0.1121], rtol=1e-3)
    np.testing.assert_allclose(found["IRF4"], [0.9021, 0.6355, 0.4406, 0.3425, 0.2983], rtol=1e-3)


@settings(max_examples=20)
@given(st.data(), st.sampled_from(COUPLINGS))
def test_drug_free_loop_stands_still(data, coupling):
    """For random numbers, as long as the two factors do not drive each other away from rest."""
    share = st.floats(0, 1)
    drawn = {name: data.draw(share) for name in ("MYC.independent", "IRF4.independent", "interferon.weight")}
    drawn |= {name: data.draw(st.floats(0.05, 2)) for name in LOOP if name.endswith(".K")}
    drawn |= {name: data.draw(st.floats(0.5, 4)) for name in LOOP if name.endswith(".hill")}

    def slope(address):
        K, n = drawn[f"{address}.K"], drawn[f"{address}.hill"]
        return n * K**n / (1 + K**n)

    loop = slope("MYC.IRF4") * slope("IRF4.MYC")
    assume((1 - drawn["MYC.independent"]) * (1 - drawn["IRF4.independent"]) * loop < 1)
    found = run([0, 24, 672], coupling, **drawn, **{"IKZF1.level": 1.0})
    for name, rest in (("MYC", 1), ("IRF4", 1), ("interferon", 0), ("CD38", 300)):
        np.testing.assert_allclose(found[name], rest, rtol=1e-9, atol=1e-9)


def test_MYC_falls_before_IRF4():
    times = np.linspace(0, 240, 241)
    found = run(times)
    IKZF1, MYC, IRF4 = (fallen_by_half(times, found[name]) for name in ("IKZF1", "MYC", "IRF4"))
    assert IKZF1 < MYC / 2
    assert MYC < IRF4 / 2


def test_MYC_without_need_of_IKZF_resists():
    found = run([120], **{"MYC.independent": 0.9})
    assert found["MYC"][-1] > 0.85
    assert found["IRF4"][-1] > 0.95


def test_knock_down_of_either_factor_alone_silences_MYC_unless_the_factors_are_averaged():
    alone = {c: run([96], c, **{"IKZF1.level": 0.1})["MYC"][-1] for c in COUPLINGS}
    assert alone["product"] == pytest.approx(alone["minimum"], rel=1e-6)
    assert alone["product"] < 0.3  # 70-90 % by day 4 (Bjorklund 2015)
    assert alone["geometric_mean"] > 0.45


def test_loss_of_both_factors_counts_twice_in_the_product_only():
    both = {c: run([96], c, **{"IKZF1.level": 0.6, "IKZF3.level": 0.6})["MYC"][-1] for c in COUPLINGS}
    assert both["minimum"] == pytest.approx(both["geometric_mean"], rel=1e-6)
    assert both["product"] < both["minimum"] - 0.2


def test_interferon_road_is_as_open_as_its_weight():
    woken = {w: run([240], **{"interferon.weight": w, "IKZF3.level": 0.05}) for w in (0.0, 0.5, 1.0)}
    assert woken[0.0]["interferon"][-1] == 0
    assert woken[0.0]["CD38"][-1] == pytest.approx(300)
    assert woken[1.0]["interferon"][-1] == pytest.approx(1, abs=0.01)
    assert woken[1.0]["CD38"][-1] == pytest.approx(450, rel=0.02)
    assert woken[0.5]["interferon"][-1] == pytest.approx(woken[1.0]["interferon"][-1] / 2)
    assert woken[0.0]["MYC"][-1] == pytest.approx(woken[1.0]["MYC"][-1])


def test_loop_reads_the_ligase_of_its_cell(values):
    """All forms of a neosubstrate count, chains and complexes too; and nothing moves without a glue."""
    cell = ligase(["mezigdomide"], IKZF, 3)
    net = (cell + transcription(shares(cell))).at("tumour")
    given = values | LOOP
    placed = {name: given[name.removesuffix("@tumour")] for name in net.parameters}
    still = net.simulate(placed, [0, 672])
    np.testing.assert_allclose(still["MYC@tumour"], 1, rtol=1e-9)
    found = net.simulate(placed, [96], [Dose(0, "mezigdomide@tumour", 1000.0)])
    left = found["IKZF1.remaining@tumour"][-1] * found["IKZF3.remaining@tumour"][-1]
    assert left < 0.01
    assert found["MYC@tumour"][-1] < 0.12


def test_loop_reads_a_cell_whose_substrates_have_one_form():
    cell = Network("cell")
    for S in IKZF:
        cell.add_species(S, "nM", initial=f"{S}.total / 2", scale=f"{S}.total")
    net = (cell + transcription()).at("marrow")
    numbers = {name: LOOP.get(name.removesuffix("@marrow"), 100.0) for name in net.parameters}
    assert net.simulate(numbers, [200])["MYC@marrow"][-1] == pytest.approx(
        run([200], **{"IKZF1.level": 0.25, "fall.half_time": 1e-3})["MYC"][-1], rel=1e-3
    )


def test_an_unknown_coupling_or_no_substrate_is_refused():
    with pytest.raises(InputError, match="coupling"):
        transcription(coupling="mean")
    with pytest.raises(InputError, match="neosubstrate"):
        transcription([])


def test_every_word_is_in_the_vocabulary():
    net = transcription()
    for name in (*net.parameters, *net.derived, *net.species, *net.observables):
        check_address(name)
