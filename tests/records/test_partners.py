"""Records of partners: complete for their equations, graded, and told apart from what binds cereblon."""

import pytest

from cereblon.ground import GRADES, RecordError, unit, vocabulary
from cereblon.mechanism.growth_factor import growth_factor
from cereblon.mechanism.partners import (
    antibody,
    antibody_with_fading_target,
    dexamethasone,
    proteasome_inhibitor,
    trametinib,
)
from cereblon.records import compound, compounds, partners, sources

NAMES = ("bortezomib", "carfilzomib", "daratumumab", "dexamethasone", "filgrastim", "trametinib")
NETWORKS = {
    "bortezomib": lambda n: proteasome_inhibitor("bortezomib", n),
    "carfilzomib": lambda n: proteasome_inhibitor("carfilzomib", n),
    "daratumumab": antibody,
    "dexamethasone": dexamethasone,
    "filgrastim": lambda n: growth_factor("filgrastim"),
    "trametinib": trametinib,
}


def test_partners_and_compounds_are_listed_apart():
    assert partners() == NAMES
    assert not set(partners()) & set(compounds())


@pytest.mark.parametrize(
    ("name", "network"), [*NETWORKS.items(), ("daratumumab", antibody_with_fading_target)], ids=lambda x: str(x)[:20]
)
def test_a_partner_has_every_number_that_its_network_asks_for(name, network):
    record = compound(name)
    net = network(record.structure["n_compartments"])
    for slot, parameter in net.parameters.items():
        if slot.startswith(f"{name}."):
            assert slot in record, slot
            assert unit(record[slot].unit).fits(unit(parameter.unit)), slot
            assert parameter.shared, slot


@pytest.mark.parametrize("name", NAMES)
def test_a_partner_s_numbers_are_graded_and_its_assumptions_show_a_range(name):
    for address, q in compound(name).values.items():
        assert q.source in sources(), address
        assert q.grade in GRADES, address
        assert all(word in vocabulary() for word in address.split(".")), address
        if q.grade == "assumed" and not address.endswith(".F"):
            assert q.low is not None, address


def test_a_partner_recruits_nothing():
    dara = compound("daratumumab")
    assert (dara.kind, dara.neosubstrates, dara.families, dara.defaults) == ("partner", (), (), ())


def test_a_dose_enters_where_the_drug_is_given():
    entered = {name: compound(name).enters.partition("@")[2] for name in (*NAMES, "mezigdomide")}
    assert entered == {
        "bortezomib": "central", "carfilzomib": "central", "daratumumab": "central", "dexamethasone": "gut",
        "filgrastim": "subcutis", "trametinib": "gut", "mezigdomide": "gut",
    }  # fmt: skip


def test_a_dose_of_dexamethasone_is_an_amount():
    assert compound("dexamethasone").amount("40 mg") == pytest.approx(40e6 / 392.46)


def test_a_partner_without_a_clearance_is_refused(tmp_path):
    path = tmp_path / "my_partner.toml"
    path.write_text('kind = "partner"\n[molar_mass]\nvalue = "400 g/mol"\nsource = "mine"\ngrade = "assumed"\n')
    with pytest.raises(RecordError, match="CL_F is missing"):
        compound(path)


def test_a_partner_that_binds_cereblon_is_refused(tmp_path):
    path = tmp_path / "my_partner.toml"
    number = '{value = "%s", source = "mine", grade = "assumed"}'
    rows = [f"{name} = {number % value}" for name, value in (("molar_mass", "400 g/mol"), ("CL", "1 L/h"))]
    path.write_text("\n".join(['kind = "partner"', *rows, f"[CRBN]\nKd = {number % '1 nM'}"]))
    with pytest.raises(RecordError, match="does not bind cereblon"):
        compound(path)
