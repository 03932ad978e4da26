"""Criteria of adverse events: limits by grade, with unit and source."""

from pathlib import Path

import pytest

from cereblon.ground.errors import InputError
from cereblon.records.toxicity import toxicities, toxicity


def test_limits_are_those_of_ctcae_5() -> None:
    """Common Terminology Criteria 5.0 (National Cancer Institute 2017), as the dossier recalls them."""
    criteria = toxicity("CTCAE_5")
    found = {of: [(g, str(q)) for g, q in criteria.limits(of).items()] for of in ("neutrophil", "platelet")}
    assert found == {
        "neutrophil": [(3, "1 1e9/L"), (4, "0.5 1e9/L")],
        "platelet": [(3, "50 1e9/L"), (4, "25 1e9/L")],
    }
    assert {g: q.to("g/L").value for g, q in criteria.limits("haemoglobin").items()} == {3: 80}


def test_every_limit_says_that_it_is_recalled() -> None:
    assert {q.grade for q in toxicity().values.values()} == {"recalled"}
    assert list(toxicity().sources()) == ["ctcae_5"]


def test_an_unknown_version_names_the_nearest_and_a_users_file_is_read(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="CTCAE_5"):
        toxicity("CTCAE_9")
    file = tmp_path / "mine.toml"
    number = 'source = "a test", grade = "assumed"}'
    file.write_text(f'kind = "toxicity"\n[neutrophil.grade_3]\ncount = {{value = "0.8 1e9/L", {number}\n')
    assert str(toxicity(file).limits("neutrophil")[3]) == "0.8 1e9/L"
    assert toxicities() == ("CTCAE_5",)
