"""Assay records: what stands beside the molecule, and how a file of a user's own is refused."""

import pytest

from cereblon.ground import InputError, RecordError, vocabulary
from cereblon.records import assay, assays, noises

KINDS = {
    "displacement": {"FP", "TR_FRET"},
    "proximity": {"TR_FRET_ternary", "NanoBRET"},
    "read-out": {"HiBiT", "western", "CTG", "flow"},
    "controls": {"degradation_controls"},
}


def test_the_assays_of_the_bench_are_shipped_and_printed():
    found = {name: assay(name) for name in assays()}
    assert {k: {n for n, a in found.items() if a.kind == k} for k in KINDS} == KINDS
    assert all(name in vocabulary() and record.note for name, record in found.items())


def test_every_reader_names_its_scatter():
    for name in assays():
        record = assay(name)
        assert record.noise in noises() or record.kind == "controls"
        assert bool(record.reads) == (record.kind == "read-out")


def test_every_assumed_number_of_an_assay_has_an_interval_around_it():
    for name in assays():
        for address, q in assay(name).values.items():
            if q.grade == "assumed":
                assert q.low is not None, address
                assert q.low <= q.value <= q.high, address


def test_a_file_of_a_user_is_an_assay_like_any_other(tmp_path):
    file = tmp_path / "our_tube.toml"
    file.write_text(
        'kind = "displacement"\n[CRBN]\ntotal = {value = "5 nM", source = "our bench book", grade = "measured"}\n'
    )
    assert assay(file)["CRBN.total"].coherent == 5
    file.write_text('kind = "dissolution"\n')
    with pytest.raises(RecordError, match="displacement, proximity"):
        assay(file)
    file.write_text('kind = "read-out"\nreads = "tea leaves"\n')
    with pytest.raises(RecordError, match="our_tube"):
        assay(file)
    with pytest.raises(InputError, match="nearest is FP"):
        assay("fp")
