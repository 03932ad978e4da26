"""The same patients seen otherwise: the kill stays where only the eye changes."""

from dataclasses import replace

import pytest

import cereblon as cb
from cereblon.bedside.contrasts import immune_share, isotypes
from cereblon.ground.errors import InputError


@pytest.fixture(scope="module")
def arms():  # type: ignore[no-untyped-def]
    plan = cb.trial("MM_001_phase_2")
    small = replace(plan, protocol=replace(plan.protocol, structure={"patients": 60, "cycles": 6}))
    return isotypes(small, seed=2, replicates=1).table().set_index("patients")


def test_every_isotype_has_the_same_kill_and_its_own_response(arms) -> None:  # type: ignore[no-untyped-def]
    kill = arms["burden"]
    assert kill.to_numpy() == pytest.approx(kill.iloc[0], rel=1e-3)  # the engine's tolerance
    each = arms.loc[["all IgG", "all IgA", "all light_chain"]]
    assert each["ORR"].nunique() > 1 or each["days to response"].nunique() > 1


def test_IgG_lingers_so_its_response_is_seen_no_sooner(arms) -> None:  # type: ignore[no-untyped-def]
    """A half-life of 21 d against one of hours: the judge is the arithmetic of loss, 50 % in 21 d at the least."""
    assert arms.loc["all IgG", "days to response"] >= arms.loc["all light_chain", "days to response"]


def test_a_finer_immunofixation_calls_no_more_complete_responses(arms) -> None:  # type: ignore[no-untyped-def]
    assert arms.loc["immunofixation 10 times finer", "CR or better"] <= arms.loc["as they are", "CR or better"]


def test_patients_without_isotypes_are_refused() -> None:
    plan = cb.trial("MM_001_phase_2")
    with pytest.raises(InputError, match="no isotypes"):
        isotypes(replace(plan, population=cb.population("lymphoma")))


def test_dexamethasone_takes_from_the_immune_share() -> None:
    found = immune_share(n=12, cycles=1).table()
    share = found["immune share"].tolist()
    assert share == sorted(share, reverse=True)
    assert share[0] > share[-1] > 0
    whole = found["share of T cells"] + found["share of NK cells"]
    assert whole.tolist() == pytest.approx(share)


@pytest.mark.parametrize("steroid", [(), (-1.0,), (float("nan"),)])
def test_a_dose_that_is_none_is_refused(steroid: tuple[float, ...]) -> None:
    with pytest.raises(InputError, match="from 0 up"):
        immune_share(steroid=steroid)
