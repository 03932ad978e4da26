"""Purified proteins in a tube: cereblon, a glue, and the tracer that it displaces or the neosubstrate that it brings.

    displaced("mezigdomide", "FP")                        CRBN + glue, CRBN + tracer
    joined("mezigdomide", "IKZF1", "TR_FRET_ternary")     CRBN + glue, CRBN*:glue + IKZF1; a bivalent degrader's numbers

The glue is the compound's, all else the assay's. The bench reads these numbers into closed forms; the network is what
they are the equilibrium of.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from cereblon.ground.errors import InputError
from cereblon.mechanism.binding import binding, cereblon
from cereblon.mechanism.displacement import tracer
from cereblon.mechanism.ternary import ternary
from cereblon.model.model import Model
from cereblon.network.network import Network
from cereblon.records.assay import Assay
from cereblon.records.assay import assay as assay_record
from cereblon.records.compound import Compound
from cereblon.records.compound import compound as compound_record

TARGET = "BTK"  # what the bivalent comparator of a proximity assay binds with its other end
ANY = "neosubstrate"  # how an assay calls whichever neosubstrate stands in it


def displaced(compound: str | Path | Compound, assay: str | Path | Assay = "FP") -> Model:
    """The tube of a displacement assay. Raises InputError for another kind of assay or an unknown name."""
    glue, one = _compound(compound), as_assay(assay, "displacement")
    net = _glued(glue.name) + tracer()
    if _fluoresces(one):
        net.parameter("tracer.polarisation", "1", "polarisation of free tracer")
        net.parameter("tracer.CRBN.polarisation", "1", "polarisation of held tracer")
        net.parameter("tracer.CRBN.enhancement", "1", "fluorescence of held over free tracer")
    else:
        _signal(net)
    return Model.bind(f"{glue.symbol} in {one.symbol}", net, {}, (glue, one))


def joined(compound: str | Path | Compound, of: str, assay: str | Path | Assay = "TR_FRET_ternary") -> Model:
    """The tube, or the cell, of a proximity assay between cereblon and `of`. Raises InputError as `displaced`."""
    glue, one = _compound(compound), as_assay(assay, "proximity")
    head = f"{one.name}.{ANY}."
    named = {a.replace(head, f"{one.name}.{of}."): q for a, q in one.values.items()}
    net = _glued(glue.name)
    net.parameter(f"{of}.total", "nM", f"{of} in the assay")
    net.add_species(of, "nM", initial=f"{of}.total", scale=f"{of}.total", meaning=f"free {of}")
    net += ternary(glue.name, of)
    net.parameter(f"{of}.CRBN.Kd", "nM", f"dissociation constant of {of} from cereblon without a glue")
    net.parameter(f"{glue.name}.uptake", "1", "free glue inside the cell over free glue outside")
    net.parameter("bivalent.CRBN.Kd", "nM", "binary constant of the bivalent comparator from cereblon")
    net.parameter(f"bivalent.{TARGET}.Kd", "nM", "binary constant of the bivalent comparator from its target")
    net.parameter(f"bivalent.{TARGET}.alpha", "1", "cooperativity of the bivalent comparator")
    _signal(net)
    return Model.bind(f"{glue.symbol} in {one.symbol}", net, {}, (glue, replace(one, values=named)))


def filled(model: Model, *addresses: str) -> None:
    """InputError unless each of these totals is above 0: what is not in a tube has no signal."""
    for address in addresses:
        if not model[address].value > 0:
            raise InputError(
                "there is nothing of this in the tube", where=address, found=str(model[address]), example="10 nM"
            )


def as_assay(assay: str | Path | Assay, kind: str) -> Assay:
    """The record of an assay, which must be of this kind (InputError)."""
    one = assay if isinstance(assay, Assay) else assay_record(assay)
    if one.kind != kind:
        raise InputError(
            f"this is no {kind} assay", where=one.name, found=f"a {one.kind} assay", expected=f"an assay of kind {kind}"
        )
    return one


def _compound(compound: str | Path | Compound) -> Compound:
    return compound if isinstance(compound, Compound) else compound_record(compound)


def _fluoresces(assay: Assay) -> bool:
    return "tracer.polarisation" in assay


def _glued(glue: str) -> Network:
    net = cereblon() + binding(glue)
    net.add_species(glue, "nM", scale=f"{glue}.CRBN.Kd", meaning=f"free {glue}")
    return net


def _signal(net: Network) -> None:
    net.parameter("donor.baseline", "1", "signal without a pair")
    net.parameter("donor.gain", "1", "rise of the signal over the background when every donor has its acceptor")
