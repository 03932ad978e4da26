"""Structures side by side: the same seeds, a range that holds both."""

from dataclasses import replace

import numpy as np
import pytest

import cereblon as cb
from cereblon.bedside.ensemble import Ensemble, ensemble
from cereblon.bedside.outcome import gathered
from cereblon.bedside.trial import Trial


def made(*columns: list[float]) -> Ensemble:
    """Structures whose replicates show these response rates."""
    each = {
        f"structure {k}": gathered(
            "trial", 10, [(seed, {"ORR": x}) for seed, x in enumerate(column)], len(column),
            cb.population("triple_class_refractory"),
        )
        for k, column in enumerate(columns)
    }  # fmt: skip
    return Ensemble("trial", each)


def test_the_range_holds_what_every_structure_shows() -> None:
    both = made([0.3, 0.4, 0.5], [0.1, 0.2, 0.3])
    assert both["ORR"].value == pytest.approx(0.3)
    assert both["ORR"].low == pytest.approx(np.quantile([0.1, 0.2, 0.3], 0.025))
    assert both["ORR"].high == pytest.approx(np.quantile([0.3, 0.4, 0.5], 0.975))
    assert both.apart("ORR") == pytest.approx(2)  # .2 apart, spread .1
    assert both.table()["structure 1"].tolist() == pytest.approx([0.2])


def test_what_one_structure_cannot_estimate_is_said() -> None:
    both = made([0.3, 0.4], [np.nan, np.nan])
    assert both["ORR"].value == pytest.approx(0.35)
    assert "1 of 2" in both["ORR"].note
    assert np.isnan(both.apart("ORR"))
    assert np.isnan(made([np.nan])["ORR"].value)


def test_both_structures_of_the_refractory_population_are_run_on_the_same_seeds() -> None:
    plan = cb.trial("MM_001_phase_2")
    small = replace(plan, protocol=replace(plan.protocol, structure={"patients": 12, "cycles": 2}))
    seen: list[tuple[int, int]] = []
    both = ensemble(small, count=2, seed=5, progress=lambda done, whole: seen.append((done, whole)))
    assert list(both.structures) == ["triple_class_refractory", "triple_class_refractory_downstream"]
    assert all(one.seeds == (5, 6) for one in both.structures.values())
    assert seen[-1] == (4, 4)
    alone = Trial(small.protocol, cb.population("earlier_lines"), small.regimen, small.policy)
    assert list(ensemble(alone, count=1).structures) == ["earlier_lines"]
