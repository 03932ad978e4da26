"""Networks as SBML: valid without a single message, every number with its unit, every name an address."""

import sys
import xml.etree.ElementTree as ET
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cereblon.exchange.names import escape, sid, unescape
from cereblon.exchange.sbml import to_sbml, write_sbml
from cereblon.ground.errors import DoseError, InputError, NetworkError
from cereblon.model import dish, patient
from cereblon.network.dosing import Dose
from cereblon.network.network import Network
from cereblon.records.regimen import dose

Exported = tuple[Network, Mapping[str, float], tuple[Dose, ...]]
Require = Callable[[str], Any]

CORE = "{http://www.sbml.org/sbml/level3/version2/core}"
MATHML = "{http://www.w3.org/1998/Math/MathML}"

WORDS = st.from_regex(r"[A-Za-z_][A-Za-z0-9_]{0,6}", fullmatch=True)
ADDRESSES = st.lists(WORDS, min_size=1, max_size=3).flatmap(
    lambda words: st.sampled_from([sep.join(words) for sep in (".", ":", "*:", "~", "@", "_x2E_")])
)


def messages(libsbml: Any, text: str) -> list[str]:
    """What the consistency check says of SBML text: every category, every severity."""
    document = libsbml.readSBMLFromString(text)
    for name in dir(libsbml):
        if name.startswith("LIBSBML_CAT_") and name.endswith(("CONSISTENCY", "PRACTICE", "OVERDETERMINED_MODEL")):
            document.setConsistencyChecks(getattr(libsbml, name), True)
    document.checkConsistency()
    document.checkInternalConsistency()
    return [document.getError(i).getMessage() for i in range(document.getNumErrors())]


def test_the_consistency_check_has_no_message(require: Require, exported: Exported) -> None:
    assert messages(require("libsbml"), to_sbml(*exported)) == []


def test_the_consistency_check_would_speak(require: Require, exported: Exported) -> None:
    text = to_sbml(*exported)
    wrong = text.replace('units="per_h" constant="true"', 'units="h" constant="true"')
    assert wrong != text
    assert messages(require("libsbml"), wrong)


def test_every_number_carries_a_unit(require: Require, exported: Exported) -> None:
    require("libsbml")
    root = ET.fromstring(to_sbml(*exported))
    numbers = list(root.iter(f"{MATHML}cn"))
    assert numbers
    assert all(cn.get(f"{CORE}units") for cn in numbers)
    for kind, attribute in (("parameter", "units"), ("compartment", "units"), ("species", "substanceUnits")):
        assert all(thing.get(attribute) for thing in root.iter(f"{CORE}{kind}"))
    defined = {unit.get("id") for unit in root.iter(f"{CORE}unitDefinition")} | {"dimensionless"}
    assert {cn.get(f"{CORE}units") for cn in numbers} <= defined


def test_the_name_is_the_address_and_the_identifier_reads_back(require: Require, every_word: Network) -> None:
    require("libsbml")
    root = ET.fromstring(to_sbml(every_word))
    found = {thing.get("id"): thing.get("name") for thing in root.iter() if thing.get("name")}
    for kind, names in (
        ("s", every_word.species),
        ("p", (*every_word.parameters, *every_word.derived)),
        ("o", every_word.observables),
    ):
        for name in names:
            assert found[sid(kind, name)] == name
            assert unescape(sid(kind, name).removeprefix(f"{kind}_")) == name


@given(st.text())
def test_an_escaped_address_reads_back(address: str) -> None:
    assert unescape(escape(address)) == address


@given(ADDRESSES, ADDRESSES)
def test_two_addresses_never_share_an_identifier(a: str, b: str) -> None:
    assert (escape(a) == escape(b)) == (a == b)
    assert {sid(kind, a) for kind in "spoc"}.isdisjoint({sid(kind, b) for kind in "spoc"}) == (a != b)


@given(st.text())
def test_an_identifier_is_one_of_sbml(require: Require, address: str) -> None:
    assert require("libsbml").SyntaxChecker.isValidSBMLSId(sid("s", address))


def test_reactions_keep_scheme_sides_arrow_and_modifiers(require: Require, every_word: Network) -> None:
    model = require("libsbml").readSBMLFromString(to_sbml(every_word)).getModel()
    written = {r.getName(): r for r in (model.getReaction(i) for i in range(model.getNumReactions()))}
    both = written["g@cells + T@cells <-> g:T@cells"]
    assert both.getReversible()
    assert [both.getReactant(i).getSpecies() for i in range(2)] == [sid("s", "g@cells"), sid("s", "T@cells")]
    loss = written["T@cells -> 0"]
    assert not loss.getReversible()
    assert [loss.getModifier(i).getSpecies() for i in range(loss.getNumModifiers())] == [sid("s", "g@cells")]
    twice = written["2 g:T@cells -> g:T@cells + g@cells + 0"]
    assert twice.getReactant(0).getStoichiometry() == 2


def test_a_place_is_a_compartment_with_its_volume(require: Require, every_word: Network) -> None:
    model = require("libsbml").readSBMLFromString(to_sbml(every_word)).getModel()
    compartments = [model.getCompartment(i) for i in range(model.getNumCompartments())]
    assert "cells" in {c.getName() for c in compartments}
    homes = {
        name: model.getSpecies(sid("s", name)).getCompartment() for name in ("g@cells", "T@cells", "g@gut", "g@central")
    }
    assert homes["g@cells"] == homes["T@cells"] == sid("c", "cells")
    assert len(set(homes.values())) == 3


def test_one_event_per_administration(require: Require, every_word: Network) -> None:
    doses = [Dose(0, "g@gut", 1, ii=24, addl=20), Dose(3, "g@central", 1, duration=2)]
    model = require("libsbml").readSBMLFromString(to_sbml(every_word, {}, doses)).getModel()
    assert model.getNumEvents() == 21 + 2


def test_dosed_network_in_libroadrunner_runs_as_in_our_engine(
    require: Require, every_word: Network, calendar: tuple[Dose, ...]
) -> None:
    """Bolus, infusion, lag, F, ii/addl, overlap, one moment, reset, into every kind of species."""
    engine = require("roadrunner").RoadRunner(to_sbml(every_word, {}, calendar))
    engine.integrator.relative_tolerance, engine.integrator.absolute_tolerance = 1e-11, 1e-13
    exposure = ("AUC@central",)  # a rate rule: a parameter, not a concentration
    names = [*every_word.species, *every_word.observables]
    selected = [sid("o", n) for n in every_word.observables]
    selected = [sid("s", n) if n in exposure else f"[{sid('s', n)}]" for n in every_word.species] + selected
    engine.timeCourseSelections = ["time", *selected]
    times = [0.0, *(np.linspace(0, 100, 317) + 0.0137)]  # never at a dose: it is after the sample here, before it there
    theirs = np.array(engine.simulate(times=times))[1:, 1:]
    ours = every_word.simulate({}, times, calendar, rtol=1e-10, observe=names).values[0, 1:]
    for k, name in enumerate(names):
        assert np.abs(ours[:, k] - theirs[:, k]).max() <= 1e-8 * np.abs(theirs[:, k]).max(), name


def test_numbers_are_coherent_whatever_unit_they_were_given_in(require: Require, every_word: Network) -> None:
    model = require("libsbml").readSBMLFromString(to_sbml(every_word, {"Kd": 0.5})).getModel()
    assert model.getParameter(sid("p", "Kd")).getValue() == 0.5
    assert model.getParameter(sid("p", "k_x")).getValue() == pytest.approx(2 / 24, rel=1e-15)
    assert model.getParameter(sid("p", "N.base")).getValue() == 5e9


def test_a_steady_state_is_refused_with_the_way_out(require: Require, every_word: Network) -> None:
    require("libsbml")
    with pytest.raises(DoseError, match="ii and addl"):
        to_sbml(every_word, {}, [Dose(0, "g@gut", 1, ii=24, ss=True)])


def test_more_events_than_sensible_are_refused(require: Require, every_word: Network) -> None:
    require("libsbml")
    with pytest.raises(DoseError, match="100000"):
        to_sbml(every_word, {}, [Dose(0, "g@gut", 1, ii=0.001, addl=10_000_000)])


@pytest.mark.parametrize(
    ("values", "doses", "error", "text"),
    [
        ({"k_onn": 1.0}, (), NetworkError, "k_on"),
        ({"k_on": [1.0, 2.0]}, (), InputError, "one subject"),
        ({"k_on": float("nan")}, (), InputError, "finite"),
        ({}, (Dose(0, "g@guts", 1),), NetworkError, "g@gut"),
        ({}, (Dose(0, "g@gut", 1, lag="g.lagg"),), NetworkError, "g.lag"),
    ],
)
def test_bad_input_is_named(
    require: Require,
    every_word: Network,
    values: dict[str, Any],
    doses: tuple[Dose, ...],
    error: type[InputError],
    text: str,
) -> None:
    require("libsbml")
    with pytest.raises(error, match=text):
        to_sbml(every_word, values, doses)


def test_a_missing_number_is_named(require: Require) -> None:
    require("libsbml")
    net = Network("bare")
    net.parameter("k", "1/h")
    net.reaction("X -> 0", forward="k")
    with pytest.raises(InputError, match="k: a parameter without a value"):
        to_sbml(net)


def test_a_missing_library_names_the_extra(every_word: Network, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "libsbml", None)
    with pytest.raises(InputError, match=r"pip install \"cereblon\[sbml\]\""):
        to_sbml(every_word)


def test_a_file_is_written(require: Require, every_word: Network, tmp_path: Path) -> None:
    require("libsbml")
    path = write_sbml(tmp_path / "model.xml", every_word)
    assert path.read_text() == to_sbml(every_word)


def test_the_shipped_models_have_no_message(require: Require) -> None:
    """A patient with three kinds of cell and two glues on a regimen, and a dish."""
    libsbml, glues = require("libsbml"), ["mezigdomide", "pomalidomide"]
    regimen = dose("mezigdomide", "1 mg", days="1-21", cycle="28 d", cycles=2)
    body, well = patient(glues), dish(glues)
    assert messages(libsbml, to_sbml(body.network, body.coherent(), regimen.doses())) == []
    assert messages(libsbml, to_sbml(well.network, well.coherent(), [Dose(0, "mezigdomide@medium", 1.0)])) == []
