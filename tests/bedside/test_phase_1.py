"""Phase 1 from simulated counts: one person at every dose, DLTs by the definition, months that add up."""

from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pytest

import cereblon as cb
from cereblon.bedside.escalated import Escalated
from cereblon.bedside.phase_1 import EscalationTrial, escalation_trial, made
from cereblon.bedside.protocol_grid import ProtocolGrid, _main, protocol_grid
from cereblon.bedside.window import Window
from cereblon.ground.errors import InputError, SolveError
from cereblon.ground.quantity import Quantity
from cereblon.records.dlt import definition
from cereblon.records.policy import policy

PATIENTS = 12


@pytest.fixture(scope="module")
def plan() -> EscalationTrial:
    found: EscalationTrial = cb.trial("MM_001_phase_1_21_28")
    return found


@pytest.fixture(scope="module")
def one(plan: EscalationTrial) -> Escalated:
    return plan.run(seed=2, design="3+3")


@pytest.fixture(scope="module")
def window(plan: EscalationTrial) -> Window:
    """Twelve patients at 0.3, 1 and 1.6 mg, whose doses nothing holds."""
    free = replace(plan, policy=policy("never_held"), labs="daily", support="none")
    whole = free.population.sample(PATIENTS, seed=1)
    return free.lived([whole] * 3, [0, 3, 5])[0]


def test_the_same_seed_is_the_same_escalation_alone_and_among_others(
    plan: EscalationTrial, one: Escalated, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("cereblon.bedside.phase_1.TRUTH", 4)
    found = plan.replicates(2, seed=1, design="3+3")
    assert found.trials is not None
    assert tuple(found.trials.n[1]) == one.course.n
    assert tuple(found.trials.y[1]) == one.course.y
    assert found.trials.months[1] == one.months


def test_patients_in_counts_and_out_of_them_add_up(one: Escalated) -> None:
    table = one.table()
    assert len(table) == sum(one.course.n) + one.replaced
    assert table["patient"].tolist() == list(range(len(table)))
    assert table.loc[table["evaluable"], "DLT"].sum() == sum(one.course.y)
    assert one.by_dose()["treated"].sum() == len(table)
    assert (one.path()["patients"].sum(), one.path()["DLT"].sum()) == (sum(one.course.n), sum(one.course.y))
    assert one.sources()


def test_a_cohort_waits_until_the_last_was_watched(plan: EscalationTrial, one: Escalated) -> None:
    assert one.months == pytest.approx(one.enrolled + plan.accrual.window)
    assert one.months > len(one.course.cohorts) * plan.accrual.window
    first = one.table().groupby("cohort")["month"].min().to_numpy()
    assert (np.diff(first) > plan.accrual.window).all()


def test_more_drug_means_fewer_neutrophils_in_every_person(window: Window) -> None:
    low, mid, high = np.split(window.truth["ANC"], 3)
    both = np.isfinite(low) & np.isfinite(mid) & np.isfinite(high)
    assert (low[:, 0] == high[:, 0]).all()
    # the block also piles up precursors, which a longer run may show: weeks 1 to 3 are those of treatment
    early = both & (np.arange(low.shape[1]) <= 21)
    assert (np.where(early, mid, 0) <= np.where(early, low, 0) * (1 + 1e-3)).all()
    assert (np.where(early, high, 0) <= np.where(early, mid, 0) * (1 + 1e-3)).all()


def test_dose_limiting_counts_are_those_that_the_clinic_saw(window: Window) -> None:
    """A second reading in a plain loop: any grade 4 count of neutrophils in the first 28 days limits the dose."""
    found = window.limiting(definition("any_grade_4"))
    limited = found.causes["grade 4 neutropenia"]
    for lane in range(window.patients):
        seen = window.seen["ANC"][lane]
        inside = [day for day in range(1, 28) if seen[day] < 0.5]
        if inside:
            assert limited[lane]
        if limited[lane]:
            assert any(seen[day] < 0.5 for day in range(29))


def test_who_failed_is_not_evaluable(window: Window) -> None:
    found = window.limiting(definition(), failed=range(window.patients))
    assert not found.evaluable.any()
    assert not found.limited.any()


def test_rates_at_a_dose_do_not_depend_on_how_many_are_asked(plan: EscalationTrial) -> None:
    a, b = (plan.lived([plan.population.sample(n, seed=1)], [3])[0] for n in (4, 6))
    assert np.array_equal(a.truth["ANC"], b.truth["ANC"][:4], equal_nan=True)
    assert np.array_equal(a.seen["PLT"], b.seen["PLT"][:4], equal_nan=True)


def of(plan: EscalationTrial, patients: int, **rules: str) -> EscalationTrial:
    """The plan with fewer patients."""
    structure = {**plan.protocol.structure, "patients": patients}
    return replace(plan, protocol=replace(plan.protocol, structure=structure), **rules)


@pytest.mark.parametrize("design", ["BOIN", "TITE-CRM", "backfill"])
def test_an_escalation_without_patients_who_count_ends_as_they_run_out(plan: EscalationTrial, design: str) -> None:
    small = of(plan, 2, support="prophylactic")
    if design == "backfill":  # which may treat as many more as it fills up
        small = replace(small, design=replace(made(design, plan.protocol), cap=1))
    one = small.run(1, small.design if design == "backfill" else design)
    last = one.course.cohorts[-1].decision
    assert (last.action, last.end) == ("stop", "short")
    assert (one.MTD is None) == (not any(one.course.n))
    assert "prophylactic G-CSF" in last.reason
    assert "patients ran out" in str(one)
    assert len(one.treated) == 2 + (len(plan.levels) if design == "backfill" else 0)
    assert sum(one.course.n) == len(one.treated) - one.replaced


def test_patients_who_ran_out_are_counted_among_the_other_escalations(
    plan: EscalationTrial, one: Escalated, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("cereblon.bedside.phase_1.TRUTH", 2)
    found = of(plan, 7).replicates(2, seed=2, design="BOIN")
    assert "in 2 of them the patients ran out" in str(found)
    assert found.ended["short"].value == 1
    assert found.trials is not None
    assert (found.trials.n.sum(axis=1) <= 7).all()
    assert "goes elsewhere" in str(found)


def test_escalations_in_which_nobody_counts_have_no_rate(
    plan: EscalationTrial, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("cereblon.bedside.phase_1.TRUTH", 2)
    found = of(plan, 2, support="prophylactic").replicates(1, design="BOIN")
    assert (found.none.value, found.total.value) == (1, 0)
    assert np.isnan(found.DLT_rate.value)


@pytest.mark.parametrize("days", ["0 d", "100000 d"])
def test_a_window_that_cannot_be_lived_is_refused_by_its_name(plan: EscalationTrial, days: str) -> None:
    own = plan.definition
    address = f"{own.name}.window.duration"
    other = replace(own, values={**own.values, address: Quantity.parse(days)})
    with pytest.raises(InputError, match=r"window\.duration") as refused:
        replace(plan, definition=other)
    assert refused.value.found == days


def test_all_patients_failing_is_said(plan: EscalationTrial, monkeypatch: pytest.MonkeyPatch) -> None:
    def fails(*_: object, **given: object) -> SimpleNamespace:
        lanes = len(next(iter(given["vary"].values())))  # type: ignore[attr-defined]
        return SimpleNamespace(trajectory=SimpleNamespace(failed=range(lanes)), status=["too many steps at 3 h"])

    monkeypatch.setattr("cereblon.model.model.Model.simulate", fails)
    with pytest.raises(SolveError, match="no patient of MM_001_phase_1_21_28 could be simulated: too many steps"):
        plan.run(1)
    with pytest.raises(SolveError, match="no patient of MM_001_phase_2"):
        cb.trial("MM_001_phase_2").run(1)


@pytest.mark.parametrize(
    ("rules", "said"),
    [
        ({"design": "Simon"}, "dose escalation"),
        ({"design": cb.design("BOIN", target=0.3)}, "another number of doses"), ({"seed": -1}, "out of range"),
    ],
)  # fmt: skip
def test_a_design_that_cannot_lead_it_is_refused(plan: EscalationTrial, rules: dict[str, object], said: str) -> None:
    with pytest.raises(InputError, match=said):
        plan.run(**rules)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("rules", "said"),
    [({"labs": "hourly"}, "laboratory days"), ({"support": "much"}, "use of a growth factor"), ({"hold": "x"}, "rule")],
)
def test_a_rule_that_is_none_is_refused(rules: dict[str, str], said: str) -> None:
    with pytest.raises(InputError, match=said):
        escalation_trial("MM_001_phase_1", **rules)
    with pytest.raises(InputError, match="one dose"):
        escalation_trial("MM_001_phase_2")


def test_all_die_before_their_first_visit() -> None:
    plan = cb.trial("MM_001_phase_2")
    struck = plan.protocol.replace({"death.hazard": "1000000 1/month"})
    few = replace(plan, protocol=replace(struck, structure={"patients": 5, "cycles": 2}))
    outcome = few.run(1, cut=False)
    assert (outcome.clinic.reason[outcome.patients] == "death").all()
    assert outcome.ORR.value == 0
    assert outcome.PFS.median().value < 7 / 30
    assert outcome.numbers()["NE"] == 1


# -- the grid ------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def grid(plan: EscalationTrial) -> ProtocolGrid:
    return protocol_grid(plan, holds=("never_held", "pomalidomide_label"), labs=("weekly",), patients=6)


def test_a_grid_has_every_set_of_rules_and_its_effects_add_to_one(plan: EscalationTrial, grid: ProtocolGrid) -> None:
    assert len(grid.cells) == grid.planned == 3 * 1 * 2 * 2
    assert len(grid.table()) == len(grid.cells) * len(plan.levels)
    effects = grid.effects().set_index("of")
    known = effects.dropna()
    assert np.allclose(known[["definition", "labs", "hold", "G-CSF", "together"]].sum(axis=1), 1)
    assert (known["labs"] == 0).all()
    assert "sets of rules" in str(grid)
    assert grid.sources()


def test_a_stricter_definition_tolerates_no_more(grid: ProtocolGrid) -> None:
    table = grid.table()[grid.table()["hold"] == "never_held"].set_index(["definition", "G-CSF", "dose"])
    strict, plain = table.loc["any_grade_4"], table.loc["class_precedent"]
    assert (strict["DLT_rate"] * strict["evaluable"] >= plain["DLT_rate"] * plain["evaluable"] - 1e-9).all()


def test_main_effects_of_an_additive_table_explain_all_of_it() -> None:
    """Closed form: in a table a + b without interaction the two main effects are all of the variance."""
    a, b = np.repeat([0.0, 1.0, 5.0], 2), np.tile([0.0, 2.0], 3)
    shares = [_main(a + b, factor.astype(str)) for factor in (a, b)]
    assert sum(shares) == pytest.approx(1)
    assert shares[0] / shares[1] == pytest.approx(np.var(a) / np.var(b))
    assert np.isnan(_main(np.ones(6), a.astype(str)))


def test_a_grid_that_is_stopped_keeps_its_cells(plan: EscalationTrial) -> None:
    def stop(done: int, of: int) -> None:
        raise KeyboardInterrupt

    found = protocol_grid(plan, define=("class_precedent",), labs=("weekly",), patients=2, progress=stop)
    assert (len(found.cells), found.planned) == (1, 6)
    assert "1 of 6 planned" in str(found)
    assert found.effects()["hold"].isna().all()


@pytest.mark.parametrize("given", [{"labs": ()}, {"holds": ("x", "x")}, {"patients": 0}, {"limit": 2.0}])
def test_a_grid_without_rules_or_patients_is_refused(plan: EscalationTrial, given: dict[str, object]) -> None:
    with pytest.raises(InputError):
        protocol_grid(plan, **given)  # type: ignore[arg-type]
