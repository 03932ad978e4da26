"""Infection and febrile neutropenia: hazards of the neutrophil count, kept as cumulative hazards.

    0 -> infection              hazard = base + neutropenic max(0, 1 - ANC / threshold)
    0 -> febrile_neutropenia    hazard ~ (threshold / ANC)^slope, only where counts are low

Myeloma patients have infections at any count, for want of immunoglobulin: the base term does not know the ANC. Fever
counts as febrile neutropenia by definition only at a low count, so its hazard, log-linear in the logarithm of the count
(after Bodey 1966), is switched off above the threshold. An event falls where the cumulative hazard crosses an
exponential draw; the chance of none so far is exp(-cumulative hazard).
"""

from __future__ import annotations

from cereblon.mechanism.blood import COUNT
from cereblon.network.network import Network


def infection(ANC: str, *, factor: str = "1") -> Network:
    """Both hazards from the count `ANC` (text, cells per litre); `factor` (text) multiplies the base.

    Species `infection@blood` and `febrile_neutropenia@blood` are cumulative hazards (1 = one event expected);
    observables `infection.risk` and `febrile_neutropenia.risk` the chance of a first event so far.
    """
    net = Network("infection")
    i, f = "infection", "febrile_neutropenia"
    net.parameter(f"{i}.hazard", "1/month", "severe infections whatever the neutrophil count", shared=True)
    net.parameter(f"{i}.neutropenic.hazard", "1/month", "what is added when no neutrophil is left", shared=True)
    net.parameter(f"{i}.threshold", COUNT, "count below which neutropenia adds", shared=True)
    net.parameter(f"{f}.hazard", "1/d", "scale of the hazard of febrile neutropenia: twice that at its threshold",
                  shared=True)  # fmt: skip
    net.parameter(f"{f}.threshold", COUNT, "count above which fever is not febrile neutropenia", shared=True)
    net.parameter(f"{f}.slope", "1", "power by which the hazard rises as the count falls", shared=True)
    net.parameter(f"{f}.hill", "1", "how sharply it ends at the threshold", shared=True)
    low = f"max(0, 1 - ({ANC}) / {i}.threshold)"
    rising = f"pow({f}.threshold / ({ANC}), {f}.slope) * (1 - hill({ANC}, {f}.threshold, {f}.hill))"
    rates = {i: f"{i}.hazard * ({factor}) + {i}.neutropenic.hazard * {low}", f: f"{f}.hazard * {rising}"}
    for event, rate in rates.items():
        net.add_species(f"{event}@blood", "1", scale="1", meaning=f"cumulative hazard of {event.replace('_', ' ')}")
        net.reaction(f"0 -> {event}@blood", rate=rate)
        meaning = f"chance of a first {event.replace('_', ' ')} so far"
        net.observable(f"{event}.risk", "1", f"1 - exp(-[{event}@blood])", meaning)
    return net
