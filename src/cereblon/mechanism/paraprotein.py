"""Paraprotein: what a laboratory sees of the myeloma, late by the half-life of what it measures.

    0 -> M_protein@central -> 0          production ~ myeloma cells, loss by isotype
    0 -> FLC@central -> 0                free light chains, gone within hours
    urine = CL_R max(0, FLC - threshold)  what the kidney does not take back (a read-out: its loss is in that of FLC)

A tumour that grows carries M-protein on its growth path, in step with its cells: production at the start is
(loss + growth) level, not loss x level, which would make the protein lag as if growth had only just begun.

IgG is rescued by FcRn, whose rescue saturates, so a high IgG is lost faster (Brambell 1964; saturable recycling after
Kim 2007): with C the IgG of plasma, C_ref the normal one, and r what is recycled over what is lost there,

    k(C) = ln2 / t_half [1 + r - r (K + C_ref) / (K + C)]

IgA and other proteins have r = 0, a constant half-life.
"""

from __future__ import annotations

from cereblon.mechanism.blood import LITRE
from cereblon.network.network import Network


def paraprotein(burden: str, growth: str = "myeloma.growth.start") -> Network:
    """M-protein and involved free light chain of a tumour with `burden` cells over the start (text).

    `growth` is the address or text of the tumour's net growth at the start. A patient without one of the two has its
    level 0. Isotypes are values, not structure: IgG has `M_protein.recycled` > 0. Observables: `M_protein` (g/L), the
    half-life at its level `M_protein.t_half.now` (d), `FLC` (mg/L), `urine` (mg/d).
    """
    net = Network("paraprotein")
    M, F = "M_protein", "FLC"
    net.parameter(f"{M}.level", "g/L", "M-protein at the start, 0 for none", shared=True)
    net.parameter(f"{M}.t_half", "d", "half-life at the normal concentration of IgG", shared=True)
    net.parameter(f"{M}.recycled", "1", "what FcRn recycles over what is lost; 0 but for IgG", shared=True)
    net.parameter("IgG.level", "g/L", "normal IgG of plasma", shared=True)
    net.parameter("IgG.polyclonal.level", "g/L", "IgG of the patient beside the M-protein", shared=True)
    net.parameter("FcRn.midpoint", "g/L", "IgG that leaves half of the receptor free", shared=True)
    net.parameter(f"{F}.level", "mg/L", "involved free light chain at the start, 0 for none", shared=True)
    net.parameter(f"{F}.t_half", "h", "half-life of the light chain, longer with a failing kidney", shared=True)
    net.parameter(f"{F}.threshold", "mg/L", "light chain that the kidney takes back whole", shared=True)
    net.parameter(f"{F}.CL_R", "L/h", "renal clearance of what exceeds that, 0 where none is followed", shared=True)

    def loss(M_protein: str) -> str:
        there = f"{M_protein} + IgG.polyclonal.level"
        rescued = f"(FcRn.midpoint + IgG.level) / (FcRn.midpoint + {there})"
        return f"log(2) / {M}.t_half * (1 + {M}.recycled * (1 - {rescued}))"

    net.derive(f"{M}.k_loss", "1/h", loss(f"{M}.level"), "loss at the start", shared=True)
    net.derive(f"{F}.k_loss", "1/h", f"log(2) / {F}.t_half", "loss of light chain", shared=True)
    for name, unit, rate in ((M, "g/L", loss(f"[{M}@central]")), (F, "mg/L", f"{F}.k_loss")):
        made = f"({name}.k_loss + {growth}) * {name}.level"
        net.derive(f"{name}.made", "g/L/h", made, "production at the start", shared=True)
        net.derive(f"{name}.trace", "g/L", "1", "a level that counts", shared=True)
        here = f"{name}@central"
        net.add_species(here, unit, initial=f"{name}.level", scale=f"max({name}.level, {name}.trace)", meaning=name,
                        volume=LITRE)  # fmt: skip
        net.reaction(f"0 -> {here}", rate=f"{name}.made * ({burden})")
        net.reaction(f"{here} -> 0", forward=rate)
        net.observable(name, unit, f"[{here}]", "M-protein" if name == M else "involved free light chain")
    spilled = f"{F}.CL_R * max(0, [{F}@central] - {F}.threshold)"
    net.observable("urine", "mg/d", spilled, "M-protein of the urine")
    net.observable(f"{M}.t_half.now", "d", f"log(2) / ({loss(f'[{M}@central]')})", "half-life at the level of the day")
    return net
