"""The figures: what they are drawn from, and that nothing is hidden or misled."""

import itertools
import json
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cereblon import bench
from cereblon.ground.errors import InputError
from cereblon.mechanism.ligase import ligase
from cereblon.model import dish, exposure, simulate
from cereblon.network.network import Network
from cereblon.records.regimen import dose
from cereblon.show import render
from cereblon.show.figures import mechanism_chart, panel_chart
from cereblon.show.figures.pathway import pathway
from cereblon.show.figures.theme import GLUES, OTHERS, colours, decades, spread
from cereblon.show.plot import plot


def words(chart: Any) -> str:
    """All text of the drawn figure."""
    return render.svg(render.spec(chart))


# -- the mechanism is drawn from the network ------------------------------------------------------------------


def picture(net: Network) -> Any:
    return pathway(net, [1.0] * len(net.reactions))


def test_mechanism_shows_every_species_of_the_network() -> None:
    net = ligase(["mezigdomide"], ["IKZF1", "IKZF3"], 4)
    shown = picture(net).nodes
    assert sum(
        node.forms for key, node in shown.items() if key in {n.key for n in shown.values()} and node.parts
    ) >= len(net.species)
    assert {"CRBN:mezigdomide", "CRBN*:mezigdomide", "CRBN*:mezigdomide:IKZF1", "CRBN*:mezigdomide:IKZF3~Ub"} <= set(
        shown
    )


def test_every_reaction_stands_on_an_arrow_or_inside_a_node() -> None:
    net = ligase(["mezigdomide"], ["IKZF1"], 4)
    drawn = {scheme for arrow in picture(net).arrows for scheme in arrow.schemes}
    inside = {r.scheme for r in net.reactions} - drawn
    assert all("~Ub" in scheme for scheme in inside)  # a chain that grows or shrinks within its box


def test_a_reaction_that_is_added_appears_in_the_drawing() -> None:
    net = ligase(["mezigdomide"], ["IKZF1"], 2)
    before = set(picture(net).nodes)
    net.parameter("GSPT1.k_syn", "nM/h", value="1 nM/h")
    net.add_species("GSPT1")
    net.reaction("0 -> GSPT1", rate="GSPT1.k_syn")
    net.reaction("CRBN*:mezigdomide + GSPT1 -> CRBN*:mezigdomide:GSPT1", forward="IKZF1.CRBN.k_on")
    after = picture(net)
    assert set(after.nodes) - before >= {"GSPT1", "CRBN*:mezigdomide:GSPT1"}
    assert ("GSPT1", "CRBN*:mezigdomide:GSPT1") in {(a.source, a.target) for a in after.arrows}


def test_assembly_runs_from_left_to_right() -> None:
    nodes = picture(ligase(["mezigdomide"], ["IKZF1", "IKZF3"], 4)).nodes
    order = ["mezigdomide", "CRBN:mezigdomide", "CRBN*:mezigdomide", "CRBN*:mezigdomide:IKZF1",
             "CRBN*:mezigdomide:IKZF1~Ub", "proteasome"]  # fmt: skip
    columns = [nodes[key].column for key in order]
    assert all(a < b for a, b in itertools.pairwise(columns))


def test_no_two_boxes_of_the_mechanism_stand_on_each_other() -> None:
    nodes = picture(ligase(["mezigdomide"], ["IKZF1", "IKZF3", "ZFP91"], 4)).nodes
    places = [(n.column, n.row) for key, n in nodes.items() if not key.startswith(("made", "lost"))]
    assert len(places) == len(set(places))


def test_arrow_says_the_sum_of_its_reactions_and_turns_with_their_sign() -> None:
    net = Network("binding")
    net.parameter("k", "1/nM/h", value="1 1/nM/h")
    net.parameter("Kd", "nM", value="1 nM")
    net.reaction("A + B <-> A:B", forward="k", reverse="k * Kd")
    assert {(a.source, a.target, a.flux) for a in pathway(net, [2.5]).arrows} == {("A", "A:B", 2.5), ("B", "A:B", 2.5)}
    assert {(a.source, a.target, a.flux) for a in pathway(net, [-2.5]).arrows} == {("A:B", "A", 2.5), ("A:B", "B", 2.5)}


def test_number_on_the_arrow_is_what_was_degraded() -> None:
    """Balance of the protein: made = lost + degraded + change, all read from the drawing's own arrows."""
    from cereblon.show.sections.mechanism import turned_over

    model = dish("mezigdomide", substrates=["IKZF1"])
    times = np.concatenate([[0.0], np.geomspace(1e-4, 24, 240)])
    result = model.simulate(times, exposure(model, {"mezigdomide": 10.0}))
    arrows = pathway(model.network, turned_over(result)).arrows
    made = sum(a.flux for a in arrows if a.kind == "synthesis" and "IKZF1" in a.target)
    gone = sum(a.flux for a in arrows if a.kind in ("degradation", "loss") and "IKZF1" in a.source)
    change = (1 - result["IKZF1.remaining"].ravel()[-1]) * model["IKZF1.total"].coherent
    assert gone == pytest.approx(made + change, rel=0.02)
    assert words(mechanism_chart(model.network, turned_over(result))).count("26S proteasome") >= 1


# -- honesty of the drawings ----------------------------------------------------------------------------------


def test_unknown_is_a_word_and_never_a_number() -> None:
    table = pd.DataFrame(
        {
            "compound": "mezigdomide",
            "protein": ["IKZF1", "SALL4"],
            "remaining": [0.1, np.nan],
            "status": ["", "unknown"],
        }
    )
    drawn = words(panel_chart(table))
    assert "unknown" in drawn
    assert ">10%<" in drawn
    assert ">0%<" not in drawn.replace('">0%</text>', "", 1)  # but for the legend's own zero


def test_every_glue_has_one_colour_and_no_two_share_it() -> None:
    assert len(set(GLUES.values()) | set(OTHERS)) == len(GLUES) + len(OTHERS)
    assert colours(["lenalidomide", "mine"])["lenalidomide"] == GLUES["lenalidomide"]


@pytest.mark.parametrize("colour", [*GLUES.values(), *OTHERS])
def test_colours_are_dark_enough_on_white(colour: str) -> None:
    """Contrast of at least 3:1, what WCAG 2.1 asks of graphics."""
    channels = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.03928 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    luminance = 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]
    assert 1.05 / (luminance + 0.05) >= 3


@given(st.lists(st.floats(0, 1), min_size=1, max_size=8))
def test_labels_keep_apart_and_inside(places: list[float]) -> None:
    moved = spread(places, 0.1, 0, 1)
    ordered = sorted(moved)
    assert all(b - a >= 0.1 - 1e-6 for a, b in itertools.pairwise(ordered))
    assert ordered[0] >= -1e-6
    assert ordered[-1] <= 1 + 1e-6
    ranked = sorted(range(len(places)), key=lambda i: (places[i], i))
    assert [moved[i] for i in ranked] == ordered


def test_decades_end_where_the_axis_ends() -> None:
    assert decades(0.01, 1e4) == [0.01, 0.1, 1, 10, 100, 1000, 10000]


# -- one verb draws any result --------------------------------------------------------------------------------

RESULTS = {
    "curve": lambda: bench.degradation("mezigdomide"),
    "curves": lambda: [bench.degradation(g) for g in ("mezigdomide", "lenalidomide")],
    "course": lambda: bench.course("mezigdomide"),
    "binding": lambda: bench.binding("mezigdomide"),
    "selectivity": lambda: bench.selectivity("mezigdomide"),
    "patient": lambda: simulate(dose("mezigdomide", "1 mg", days="1-2", cycle="7 d")),
}


@pytest.mark.parametrize("kind", RESULTS)
def test_plot_draws_every_result(kind: str) -> None:
    spec = render.spec(plot(RESULTS[kind]()))
    assert "<svg" in render.svg(spec)
    assert len(json.dumps(spec)) < 300_000


def test_plot_draws_a_users_own_network() -> None:
    net = Network("decay")
    net.parameter("k", "1/h", value="1 1/h")
    net.add_species("A", initial="1")
    net.reaction("A -> 0", forward="k")
    assert ">A<" in words(plot(net.simulate({}, [0, 1, 2])))


def test_plot_refuses_what_it_does_not_know() -> None:
    with pytest.raises(InputError, match="knows how to draw"):
        plot("mezigdomide")
    with pytest.raises(InputError, match="knows how to draw"):
        plot([])
