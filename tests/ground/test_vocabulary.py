"""The closed list of words, and the errors that name the nearest one."""

import csv
import subprocess
import sys
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cereblon.ground import (
    AddressError,
    CereblonError,
    InputError,
    check_address,
    nearest,
    printed,
    unit,
    unit_words,
    vocabulary,
)
from cereblon.ground.vocabulary import _FILE


def test_no_word_or_unit_is_listed_twice():
    with _FILE.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == len(vocabulary()) + len(unit_words())
    spellings = [s for w in unit_words().values() for s in (w.word, *w.synonyms)]
    assert len(spellings) == len(set(spellings))


def test_every_row_is_whole():
    for word in (*vocabulary().values(), *unit_words().values()):
        assert word.kind, word
        assert word.meaning, word
        if word.kind == "quantity":
            assert word.units, word
            assert word.range in ("positive", "nonnegative", "fraction", "any"), word
            assert all(unit(u) for u in word.units)


@pytest.mark.parametrize(
    "address",
    [
        "mezigdomide.CRBN.Kd",
        "IKZF1.total@tumour",
        "CRBN*:mezigdomide:IKZF1~Ub2@T_cell",
        "H929.IKZF1.CRBN.k_on",
    ],
)
def test_addresses_of_the_house_are_known(address):
    check_address(address)


@pytest.mark.parametrize(
    ("address", "near"),
    [("mezigdomid.CRBN.Kd", "mezigdomide"), ("mezigdomide.CRBN.KD", "Kd"), ("IKZF1.total@tumor", "tumour")],
)
def test_an_unknown_word_names_the_nearest(address, near):
    with pytest.raises(AddressError, match=f"nearest is {near}"):
        check_address(address)


@pytest.mark.parametrize(
    "address", ["", ".", "a..b", "CRBN.Kd@", "CRBN.Kd@CRBN", "CRBN Kd", "../x", "[CRBN]", 5, "x" * 999]
)
def test_other_addresses_are_refused(address):
    with pytest.raises(AddressError):
        check_address(address)


def test_a_user_s_word_may_be_added():
    check_address("my_glue.CRBN.Kd", extra=("my_glue",))


@given(st.text(max_size=60))
def test_random_addresses_raise_only_our_errors(text):
    with suppress(CereblonError):
        check_address(text)


def test_printed_symbols():
    assert printed("CSNK1A1") == "CK1α"
    assert printed("MM1S") == "MM.1S"
    assert printed("nobody") == "nobody"
    assert nearest("pomalidomid", vocabulary()) == "pomalidomide"
    assert nearest("q" * 500, vocabulary()) == ""


def test_foreign_text_stays_one_line_in_an_error():
    error = InputError("no", where="here", found="a\nb\x00\u202e" + "x" * 10_000, expected="b", example="c")
    assert str(error).isprintable()
    assert len(str(error)) < 300


def test_ground_loads_nothing_heavy():
    code = (
        "import sys, cereblon.ground as g; g.Quantity.parse('12.6 nM'); g.vocabulary();"
        "print([m for m in ('pint', 'pandas', 'pydantic', 'numpy', 'scipy') if m in sys.modules])"
    )
    out = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert out.stdout.strip() == "[]"
