"""The shipped records: what they hold, how they change, that derived numbers follow from their sources."""

import pickle

import pytest

from cereblon.ground import (
    GRADES,
    AddressError,
    DoseError,
    InputError,
    Quantity,
    RecordError,
    unit,
    vocabulary,
)
from cereblon.records import (
    assay,
    assays,
    cell,
    cells,
    compound,
    compounds,
    dish,
    dishes,
    noise,
    noises,
    patient,
    patients,
    sources,
)

GLUES = ("avadomide", "iberdomide", "lenalidomide", "mezigdomide", "pomalidomide", "thalidomide")
CLOSED = {"lenalidomide": 0.17, "pomalidomide": 0.2, "iberdomide": 0.5, "mezigdomide": 0.98}


def everything():
    yield from (compound(n) for n in compounds())
    yield from (cell(n) for n in cells())
    yield from (patient(n) for n in patients())
    yield from (dish(n) for n in dishes())
    yield from (noise(n) for n in noises())
    yield from (assay(n) for n in assays())


def test_the_six_glues_and_the_nine_cells_are_shipped():
    assert compounds() == GLUES
    assert set(cells()) >= {
        "H929",
        "MM1S",
        "OPM2",
        "MOLP8",
        "AMO1",
        "H929_R10",
        "DF15R",
        "T_cell",
        "progenitor",
    }


def test_every_number_has_a_known_source_and_a_grade_and_known_words():
    cited = set()
    for record in everything():
        assert record.name in vocabulary()
        for address, quantity in record.values.items():
            assert quantity.source in sources(), address
            assert quantity.grade in GRADES, address
            assert all(word in vocabulary() for word in address.split(".")), address
            assert address.startswith(record.name + ".")
            cited.add(quantity.source)
    assert len(cited) > 20


def test_assumptions_show_their_range():
    """Only switches and what is fixed by definition may be assumed without an interval."""
    exempt = ("inhibition", ".F")
    for record in everything():
        for address, q in record.values.items():
            if q.grade == "assumed" and not address.endswith(exempt):
                assert q.low is not None, address
                assert q.high is not None, address


def test_low_confidence_is_never_called_measured():
    for record in everything():
        for address, q in record.values.items():
            if "recalled" in q.note.split(";")[0] and q.grade in ("measured", "label"):
                assert q.source in ("bjorklund_2020",), address


def test_closing_constants_follow_from_the_closed_fractions():
    for name, closed in CLOSED.items():
        assert compound(name)["CRBN.K_c"].value == pytest.approx(closed / (1 - closed), rel=2e-3)


def test_affinity_ratio_of_mezigdomide_is_that_of_the_guide():
    mezigdomide = compound("mezigdomide")["CRBN.Kd"].coherent
    for imid in ("lenalidomide", "pomalidomide"):
        assert 10 <= compound(imid)["CRBN.Kd"].coherent / mezigdomide <= 20


def test_assay_family_is_a_declared_switch():
    fp, extract = compound("lenalidomide"), compound("lenalidomide", affinity="cell_extract")
    assert (fp["CRBN.Kd"].coherent, extract["CRBN.Kd"].coherent) == (178, 3000)
    assert (fp.affinity, extract.affinity) == ("FP", "cell_extract")
    assert fp.families == ("FP", "cell_extract")
    with pytest.raises(RecordError, match="assay family"):
        compound("avadomide", affinity="cell_extract")
    with pytest.raises(RecordError, match="assay family"):
        compound("avadomide", affinity="guess")


def test_no_family_s_address_reaches_the_model():
    for name in compounds():
        assert not [a for a in compound(name).values if a.endswith(("FP", "cell_extract"))]


def test_pomalidomide_has_every_number_of_li_2015():
    pom = compound("pomalidomide")
    typical = {"ka": 1.25, "CL_F": 7.78, "V_F": 69.9, "V2_F": 71.5, "Q_F": 3.75, "lag": 0.206}
    assert {a: pom[a].value for a in typical} == typical
    assert pom["variability.CL_F"].value ** 2 == pytest.approx(0.168, rel=1e-2)
    assert pom["variability.V_F"].value ** 2 == pytest.approx(0.0352, rel=1e-2)
    assert pom["variability.ka"].value ** 2 == pytest.approx(0.976, rel=1e-2)
    assert pom["CL_F"].value == pytest.approx(8.52 * pom["covariate.myeloma.CL_F"].value, rel=1e-3)
    # AUC of 4 mg: 514.2 ng h/mL
    assert pom.amount("4 mg") / pom["CL_F"].coherent * pom["molar_mass"].coherent * 1e6 == pytest.approx(
        514.2, rel=1e-3
    )


def test_avadomide_s_patient_values_follow_from_cheng_2021():
    ava = compound("avadomide")
    assert ava["CL_F"].value == pytest.approx(3.63 * 1.309, rel=2e-3)
    assert ava["V_F"].value == pytest.approx(36.2 * 1.682, rel=2e-3)


def test_mezigdomide_s_disposition_is_marked_as_assumed():
    mezi = compound("mezigdomide")
    for address in ("CL_F", "V_F", "Q_F", "V2_F", "ka", "lag", "fu", "uptake"):
        assert mezi[address].grade == "assumed"


def test_disposition_fits_the_number_of_compartments():
    for name in compounds():
        glue = compound(name)
        assert glue.structure["n_compartments"] == 1 + ("Q_F" in glue)


def test_molar_mass_turns_mg_into_nmol():
    assert compound("mezigdomide").amount("1 mg") == pytest.approx(1762, rel=1e-3)
    assert compound("mezigdomide").amount("2 umol") == 2000
    for bad in ("-1 mg", "1 h", "1 nM"):
        with pytest.raises(DoseError):
            compound("mezigdomide").amount(bad)


def test_replace_makes_a_graded_copy():
    mezi = compound("mezigdomide")
    loose = mezi.replace({"CRBN.Kd": "500 nM"})
    assert mezi["CRBN.Kd"].coherent == 12.6
    assert (loose["CRBN.Kd"].coherent, loose["CRBN.Kd"].source, loose["CRBN.Kd"].grade) == (
        500,
        "user",
        "assumed",
    )
    assert "was 12.6 nM" in loose["mezigdomide.CRBN.Kd"].note
    fitted = mezi.replace({"CRBN.Kd": Quantity(10, "nM", grade="calibrated", source="calibration")})
    assert fitted["CRBN.Kd"].grade == "calibrated"
    gained = mezi.replace({"CSNK1A1.Kd": "1 uM"})
    assert "CSNK1A1" in gained.neosubstrates
    assert "CSNK1A1" in mezi.status
    assert "CSNK1A1" not in gained.status


@pytest.mark.parametrize(
    "changes",
    [
        {"CRBN.Kd": "500 h"},
        {"CRBN.Kd": "-1 nM"},
        {"CRBN.Kd": "nan"},
        {"CRBN.KD": "1 nM"},
        {"CRBN": "1 nM"},
        {"": "1"},
    ],
)
def test_a_faulty_change_is_refused(changes):
    with pytest.raises(InputError):
        compound("mezigdomide").replace(changes)


def test_an_address_that_is_not_there_names_the_nearest():
    with pytest.raises(AddressError, match=r"mezigdomide\.CRBN\.Kd"):
        compound("mezigdomide")["CRBN.KD"]


def test_records_are_frozen_hashable_and_travel():
    for record in everything():
        assert pickle.loads(pickle.dumps(record)) == record
        assert hash(record) == hash(pickle.loads(pickle.dumps(record)))
        with pytest.raises(TypeError):
            record.values["x"] = 1


def test_table_sources_and_print_of_every_record():
    for record in everything():
        table = record.table()
        assert list(table["address"]) == list(record.values)
        assert set(record.sources()) == set(table["source"])
        assert record.symbol in str(record)
        assert len(str(record).splitlines()) == 1 + len(table)


def test_a_cell_holds_only_what_differs():
    h929, r10, null = cell("H929"), cell("H929_R10"), cell("DF15R")
    assert 0.25 <= r10["CRBN.total"].coherent / h929["CRBN.total"].coherent <= 0.5
    assert null["CRBN.total"].coherent == 0
    assert {a.split(".", 1)[1] for a in h929} == {a.split(".", 1)[1] for a in r10}
    assert h929["IKZF1.total"].note.startswith("common cell")
    assert h929.structure["n_ub"] >= 2


def test_every_neosubstrate_of_a_glue_has_its_cell_numbers():
    common = cell("H929")
    for name in compounds():
        for S in (*compound(name).neosubstrates, *compound(name).status):
            for quantity in ("total", "t_half", "k_dub", "CRBN.k_on"):
                assert f"{S}.{quantity}" in common


def test_what_is_not_known_of_a_neosubstrate_is_said():
    panel = {"IKZF1", "IKZF3", "ZFP91", "CSNK1A1", "SALL4", "GSPT1"}
    for name in compounds():
        glue = compound(name)
        assert set(glue.neosubstrates) | set(glue.status) == panel
        assert not set(glue.neosubstrates) & set(glue.status)


def test_places_of_the_typical_patient_and_the_well():
    for place in ("tumour", "T_cell", "marrow"):
        assert patient()[f"{place}.volume"].coherent > 0
    assert unit(dish()["cells"].unit).fits(unit("cell"))
    cells_volume = dish()["cells"].coherent * cell("H929")["volume"].coherent
    assert cells_volume < 1e-3 * dish()["medium.volume"].coherent  # the cells do not empty the medium
