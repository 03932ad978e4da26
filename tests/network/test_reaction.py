"""Schemes: what is read out of them, and what is refused."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cereblon.ground.errors import SchemeError
from cereblon.network.reaction import components, reaction


def test_a_reversible_binding_has_one_net_rate_of_mass_action() -> None:
    bind = reaction("CRBN*:g + S <-> CRBN*:g:S", forward="k_on", reverse="k_on * Kd")
    assert bind.reactants == (("CRBN*:g", 1), ("S", 1))
    assert bind.products == (("CRBN*:g:S", 1),)
    assert str(bind.rate) == "k_on * [CRBN*:g] * [S] - k_on * Kd * [CRBN*:g:S]"
    assert bind.stoichiometry == {"CRBN*:g": -1, "S": -1, "CRBN*:g:S": 1}
    assert bind.anchor == "CRBN*:g"
    assert not bind.open


def test_a_sum_as_rate_constant_multiplies_as_a_whole() -> None:
    decay = reaction("A -> 0", forward="k + j")
    assert decay.rate.evaluate({"k": 2.0, "j": 3.0}, {"A": 10.0}) == 50.0


def test_counts_enter_the_rate_and_the_change() -> None:
    dimer = reaction("2 A <-> B", forward="k", reverse="j")
    assert dimer.rate.evaluate({"k": 3.0, "j": 1.0}, {"A": 5.0, "B": 7.0}) == 68.0
    assert dimer.stoichiometry == {"A": -2, "B": 1}
    assert reaction("A + A <-> B", forward="k", reverse="j").reactants == dimer.reactants


def test_a_catalyst_is_in_the_rate_but_not_in_the_change() -> None:
    turn = reaction("E + S -> E + P", forward="k")
    assert turn.stoichiometry == {"S": -1, "P": 1}
    assert turn.rate.species == {"E", "S"}


def test_nothing_is_written_as_zero_and_opens_the_reaction() -> None:
    assert reaction("0 -> S", rate="k").anchor == "S"
    assert reaction("0 -> S", rate="k").open
    assert reaction("C:S~Ub4 -> C + 0", forward="k").open
    assert reaction("C:S~Ub4 -> C + 0", forward="k").products == (("C", 1),)


def test_spaces_in_a_scheme_do_not_matter() -> None:
    tight, loose = reaction("A->B", forward="k"), reaction("  A   ->  B ", forward="k")
    assert (tight.reactants, tight.products, tight.rate) == (loose.reactants, loose.products, loose.rate)


def test_renaming_prints_a_scheme_that_reads_back_the_same() -> None:
    old = reaction("2 CRBN*:g + S~Ub1 <-> X + 0", forward="k", reverse="j")
    new = old.rename(lambda n: f"{n}@c", lambda n: f"{n}@c")
    again = reaction(new.scheme, forward="k@c", reverse="j@c")
    assert again == new


def test_components_drop_form_modification_and_place() -> None:
    assert components("CRBN*:g:S~Ub4~P@tumour") == {"CRBN": 1, "g": 1, "S": 1}
    assert components("A:A") == {"A": 2}


@pytest.mark.parametrize(
    "scheme",
    [
        "", " ", "A", "A B", "A -> ", "-> B", "A - > B", "A <- B", "A => B", "A -> B -> C", "A <-> B <-> C",
        "A <-> B -> C", "A + -> B", "+ A -> B", "A + + B -> C", "A+B -> C", "2A -> B", "0 A -> B", "-1 A -> B",
        "1.5 A -> B", "A: -> B", ":A -> B", "A:*:B -> C", "A** -> B", "A~ -> B", "A@ -> B", "A@x@y -> B", "α -> B",
        "A@tumour:B -> C", "../etc/passwd -> B", "A; B -> C", "[A] -> B", "0 -> 0", "A -> 00", "1e400 A -> B",
        "-" * 200_000 + "A -> B", "A + " * 100_000 + "B -> C", "A:" * 200_000, "100 A -> B",
    ],
    ids=lambda text: f"{text[:20]!r}",
)  # fmt: skip
def test_a_malformed_scheme_is_refused_at_once(scheme: str) -> None:
    began = time.perf_counter()
    with pytest.raises(SchemeError) as caught:
        reaction(scheme, forward="k", reverse="j" if "<->" in scheme else None)
    assert time.perf_counter() - began < 1.0
    assert len(str(caught.value)) < 600


@pytest.mark.parametrize("thing", [None, 3, b"A -> B", ["A -> B"]])
def test_a_scheme_that_is_not_text_is_refused(thing: object) -> None:
    with pytest.raises(SchemeError):
        reaction(thing, forward="k")  # type: ignore[arg-type]


def test_rates_must_fit_the_arrow() -> None:
    for given_rates in ({}, {"forward": "k", "reverse": "j"}, {"forward": "k", "rate": "j"}, {"reverse": "k"}):
        with pytest.raises(SchemeError):
            reaction("A -> B", **given_rates)
    for given_rates in ({"forward": "k"}, {"reverse": "k"}, {"rate": "k", "reverse": "j"}):
        with pytest.raises(SchemeError):
            reaction("A <-> B", **given_rates)


def test_a_rate_with_anything_but_arithmetic_is_refused() -> None:
    for text in ("__import__('os').system('ls')", "k if k else j", "-" * 200_000 + "k", "1e400", ""):
        with pytest.raises(SchemeError):
            reaction("A -> B", forward=text)
        with pytest.raises(SchemeError):
            reaction("A -> B", rate=text)


@given(st.text(alphabet="AB*:~@ +-<>02", max_size=30))
def test_any_text_is_a_reaction_or_a_scheme_error(scheme: str) -> None:
    try:
        read = reaction(scheme, rate="k")
    except SchemeError:
        return
    assert read.reactants or read.products
