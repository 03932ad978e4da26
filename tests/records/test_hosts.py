"""Hosts and designs: every number has its source, its grade and its interval; the two kinds of host are told apart."""

import pytest

from cereblon.ground.errors import RecordError
from cereblon.records.design import design, designs
from cereblon.records.host import EFFECTORS, host, hosts


def test_strains_and_genotypes_are_shipped():
    assert hosts("strain") == ("C57BL6", "NSG", "SCID")
    assert hosts("genotype") == ("I391V", "wild_type")
    assert designs() == ("disseminated", "subcutaneous")


@pytest.mark.parametrize("name", [*hosts(), *(f"design {d}" for d in designs())])
def test_an_assumed_number_has_its_interval(name):
    record = design(name.removeprefix("design ")) if name.startswith("design ") else host(name)
    for address, q in record.values.items():
        assert q.grade, address
        if q.grade in ("assumed", "recalled") and q.value:
            assert q.low is not None, address
            assert q.low <= q.value <= q.high
            assert q.low < q.high


def test_a_strain_says_which_effector_cells_it_keeps():
    assert set(host("SCID").keeps) == {"NK", "macrophage"}
    assert host("NSG").keeps == ("macrophage",)
    assert set(host("C57BL6").keeps) == set(EFFECTORS)
    assert host("NSG")["macrophage.count"].value < host("SCID")["macrophage.count"].value
    assert host("NSG")["weight"].note.startswith("common mouse")


def test_the_doses_of_a_design_call_themselves_a_choice():
    for name in designs():
        plan = design(name)
        for drug in plan.days:
            dose = plan[f"{drug}.dose"]
            assert (dose.grade, dose.source) == ("assumed", "assumption")
            assert dose.unit == "mg/kg"
        assert "vehicle" in plan.arms


def test_wild_type_cereblon_recruits_nothing_and_the_knock_in_does():
    for S in ("IKZF1", "IKZF3", "ZFP91", "CSNK1A1"):
        assert host("wild_type")[f"{S}.CRBN.k_on"].value == 0
        assert host("I391V")[f"{S}.CRBN.k_on"].value > 0


def test_a_host_of_the_other_kind_is_refused(tmp_path):
    with pytest.raises(RecordError, match=r"no strain.*SCID"):
        host("I391V", "strain")
    (tmp_path / "odd.toml").write_text('kind = "strain"\nkeeps = ["B"]\n')
    with pytest.raises(RecordError, match="does not fit"):
        host(tmp_path / "odd.toml")
    (tmp_path / "plan.toml").write_text('kind = "design"\n')
    with pytest.raises(RecordError, match="is missing"):
        design(tmp_path / "plan.toml")
