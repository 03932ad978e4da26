"""Populations are records: closed, sourced, and refused in one paragraph where they cannot be."""

from pathlib import Path

import pytest

from cereblon.ground.errors import InputError
from cereblon.records.population import population, populations

NUMBER = '{value = "%s", source = "me, here", grade = "assumed"}'


def written(folder: Path, text: str) -> Path:
    file = folder / "mine.toml"
    file.write_text(f'kind = "population"\n{text}\n')
    return file


@pytest.mark.parametrize("name", populations())
def test_a_shipped_population_says_where_its_numbers_come_from(name: str) -> None:
    people = population(name)
    assert people.variability
    assert people.medians
    assert all(q.source and q.grade for q in people.values.values())
    assert all(c.value.source and c.value.grade for c in people.correlations)
    for kinds in people.kinds.values():
        assert sum(kind.share.value for kind in kinds) == pytest.approx(1)


def test_two_structures_stand_for_one_population() -> None:
    """Resistance in cereblon or behind it: equal at one dose, so both are carried."""
    one, other = (population(n) for n in ("triple_class_refractory", "triple_class_refractory_downstream"))
    assert "tumour.CRBN.total" in one.medians.keys() - other.medians.keys()
    assert other.medians["tumour.MYC.independent"].value > one.medians["tumour.MYC.independent"].value
    assert one.variability["neutrophil.count"] == other.variability["neutrophil.count"]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (f"[variability.neutrophil]\ncout = {NUMBER % 0.3}", ("cout", "count")),
        (f"[variability.neutrophil]\ncount = {NUMBER % '3 nM'}", ("unit",)),
        (f"[variability.neutrophil]\ncount = {NUMBER % -1}", ("range",)),
        (f"[least.neutrophil]\ncount = {NUMBER % '3 nM'}", ("least", "1e9/L")),
        (f"[group.IgA]\nshare = {NUMBER % 0.4}", ("in no group", "IgA")),
        (f'groups = {{isotype = ["IgG", "IgA"]}}\n[group.IgA]\nshare = {NUMBER % 0.4}', ("no share", "IgG")),
        (
            f'groups = {{isotype = ["IgG", "IgA"]}}\n[group.IgA]\nshare = {NUMBER % 0.4}\n'
            f"[group.IgG]\nshare = {NUMBER % 0.4}",
            ("add to 1", "0.8"),
        ),
        (
            '[[correlations]]\nbetween = ["neutrophil.count", "platelet.count"]\nvalue = "1.2"\n'
            'source = "me, here"\ngrade = "assumed"',
            ("-1 and 1",),
        ),
        (
            '[[correlations]]\nbetween = ["neutrophil.count", "platelet.count"]\nvalue = "0.2"\n'
            'source = "me, here"\ngrade = "assumed"',
            ("does not vary",),
        ),
        ('[[correlations]]\nbetween = ["neutrophil.count"]\nvalue = "0.2"', ("correlations",)),
        ('cells = {tumour = "H92"}', ("H929",)),
    ],
)
def test_a_faulty_population_is_one_paragraph(tmp_path: Path, text: str, words: tuple[str, ...]) -> None:
    with pytest.raises(InputError) as caught:
        population(written(tmp_path, text))
    said = str(caught.value)
    assert "\n" not in said
    for word in words:
        assert word in said, said


def test_a_population_like_another_keeps_what_it_does_not_name() -> None:
    one, other = population("triple_class_refractory"), population("earlier_lines")
    assert other.variability == one.variability
    assert other.medians["tumour.CRBN.total"].value > one.medians["tumour.CRBN.total"].value
    assert "lines" in one.kinds.keys() - other.kinds.keys()
    assert "group.lines_1_3.share" not in other
    assert {kind.name: kind.share.value for kind in other.kinds["CRBN"]} == {"intact": 0.95, "lesioned": 0.05}
    assert population("lymphoma").medians["M_protein.level"].value == 0


def test_a_population_is_like_a_shipped_one_alone(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="like one that is shipped"):
        population(written(tmp_path, 'like = "mine"'))
