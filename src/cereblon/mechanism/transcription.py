"""Transcription: IKZF1 and IKZF3 hold up MYC, MYC and IRF4 hold up each other; without them interferon wakes.

    0 -> MYC -> 0              made k (b + (1 - b) h(I) h(IRF4)), lost k      I = what is left of IKZF1 and IKZF3
    0 -> IRF4 -> 0             made k (b + (1 - b) h(MYC)), lost k
    0 -> interferon -> 0       made k weight (1 - h(I)), lost k               interferon genes, silent at rest
    0 -> CD38 -> 0             made k CD38.total (1 + gain interferon), lost k

h is a Hill curve through rest, h(x) = hill(x) / hill(1). MYC and IRF4 activate each other (Shaffer 2008); each is
1 at rest. b is what is made without the regulator: `MYC.independent` near 1 is downstream resistance. Knock-down
of either factor alone silences MYC (Bjorklund 2015), so the factors act together, and how (`coupling`) is a choice
to be tested. The second road is Fedele 2018: lines die of IKZF loss without a steady loss of MYC and IRF4, and
their interferon genes, CD38 among them, wake; `interferon.weight` (0 to 1) says how open that road is.
A `half_time` is the pace of a response, all steps from gene to protein lumped, and no half-life of a protein.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Literal

from cereblon.ground.errors import InputError
from cereblon.network.expression import parse
from cereblon.network.network import Network

Coupling = Literal["product", "minimum", "geometric_mean"]
Shares = Iterable[str] | Mapping[str, str]
"""Neosubstrates whose loss is read: names, or name -> text of the share that is left (1 at rest)."""

IKZF = ("IKZF1", "IKZF3")


def shares(cell: Network, substrates: Iterable[str] = IKZF) -> dict[str, str]:
    """Name -> share left, in all forms, as the text that a cell (`ligase.ligase`) shows as `S.remaining`."""
    return {S: str(cell.observables[f"{S}.remaining"].expression) for S in substrates}


def transcription(substrates: Shares = IKZF, coupling: Coupling = "product", *, MYC_factor: str = "1") -> Network:
    """The network above. Add it to the cell that holds the substrates, then put both at a place.

    `substrates` are names, read as [S] / S.total, or name -> text (`shares(cell)` beside a ligase; any species
    in a test). `MYC_factor` (text, 1 without drug) multiplies the MYC that needs no IKZF1, IKZF3 or IRF4. Raises
    InputError for an unknown coupling.
    """
    net = Network("transcription")
    left = coupled(net, substrates, coupling)
    net.parameter("MYC.independent", "1", "share of MYC made without IKZF1, IKZF3 and IRF4")
    net.parameter("IRF4.independent", "1", "share of IRF4 made without MYC")
    net.parameter("interferon.weight", "1", "how open the interferon road is, 0 to 1")
    net.parameter("CD38.total", "nM", "CD38 of the cell without drug")
    net.parameter("CD38.interferon.gain", "1", "rise of CD38 over rest at full interferon programme")
    by_left, by_IRF4 = response(net, "MYC.IKZF", left), response(net, "MYC.IRF4", "[IRF4]")
    by_MYC = response(net, "IRF4.MYC", "[MYC]")
    woken = f"1 - {response(net, 'interferon.IKZF', left)}"
    own = "MYC.independent" if MYC_factor == "1" else f"MYC.independent * ({MYC_factor})"
    net += level("MYC", f"{own} + (1 - MYC.independent) * {by_left} * {by_IRF4}", rest="1")
    net += level("IRF4", f"IRF4.independent + (1 - IRF4.independent) * {by_MYC}", rest="1")
    net += level("interferon", f"interferon.weight * ({woken})", rest="0")
    net += level("CD38", "CD38.total * (1 + CD38.interferon.gain * [interferon])", rest="CD38.total", unit="nM")
    net.name = "transcription"
    return net


def coupled(net: Network, substrates: Shares, coupling: Coupling = "product") -> str:
    """What is left of several factors as one text, 1 at rest; declares in `net` the baselines it reads.

    product: each suffices to silence, and losses add up · minimum: the scarcer one decides · geometric_mean: a
    product that counts as one factor. Raises InputError.
    """
    texts = substrates if isinstance(substrates, Mapping) else {S: f"[{S}] / {S}.total" for S in substrates}
    if not texts:
        raise InputError("no neosubstrate was given", example="IKZF1")
    for S, text in texts.items():
        if f"{S}.total" in parse(text).parameters:
            net.parameter(f"{S}.total", "nM", f"all {S} of the cell without drug")
    first, *others = (f"({text})" for text in texts.values())
    product = " * ".join([first, *others])
    if coupling == "product":
        return product
    if coupling == "geometric_mean":
        # a share that rounding carried below 0 must not end in the root of a negative number
        return f"pow(max({product}, 0), 1 / {len(texts)})" if others else first
    if coupling == "minimum":
        for other in others:
            first = f"min({first}, {other})"
        return first
    raise InputError("unknown coupling", found=str(coupling), expected="product, minimum or geometric_mean")


def response(net: Network, address: str, x: str) -> str:
    """h(x) = hill(x, K, n) / hill(1, K, n) as text: 1 at rest, 0 without x, at most 1 + K^n.

    Declares `address.K` (level at half effect, over rest) and `address.hill` in `net`.
    """
    target, _, regulator = address.rpartition(".")
    meaning = f"of {regulator}" + (f" on {target}" if target else "")
    net.parameter(f"{address}.K", "1", f"level at half effect {meaning}, over rest")
    net.parameter(f"{address}.hill", "1", f"steepness of the effect {meaning}")
    return f"(hill({x}, {address}.K, {address}.hill) / hill(1, {address}.K, {address}.hill))"


def level(name: str, target: str, rest: str, unit: str = "1") -> Network:
    """0 -> name -> 0: a level that follows `target` (text, in `unit`) with `name.half_time`; `rest` is its start."""
    net = Network("level")
    net.parameter(f"{name}.half_time", "h", f"half-time of the response of {name}")
    net.derive(f"{name}.k_deg", "1/h", f"log(2) / {name}.half_time", f"pace of {name}")
    net.add_species(name, unit, initial=rest, scale="1", meaning=f"level of {name}")
    net.reaction(f"0 -> {name}", rate=f"{name}.k_deg * ({target})")
    net.reaction(f"{name} -> 0", forward=f"{name}.k_deg")
    return net
