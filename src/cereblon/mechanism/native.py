"""Native substrate: what cereblon degrades without a drug, and a glue displaces.

    CRBN + S <-> CRBN:S -> CRBN          0 -> S -> 0

S sits on open, empty cereblon (MEIS2: Fischer 2014). S.total and the neddylated share of CRL4 are what the
cell shows without drug; production is derived from them and is exact. One step with the rate S.CRBN.k_cat
stands for the chain, because nothing is asked of it but its blockade. S.t_half is the half-life without
cereblon.
"""

from __future__ import annotations

from cereblon.mechanism.equilibrium import reach_text
from cereblon.network.network import Network


def native(S: str) -> Network:
    """The network above, in a cell whose CRBN and CRL4 come from `binding.cereblon` and `neddylation`."""
    net = Network("native substrate")
    net.parameter(f"{S}.total", "nM", f"all {S} of the cell without drug")
    net.parameter(f"{S}.t_half", "h", f"half-life of {S} outside the cereblon route")
    net.parameter(f"{S}.CRBN.Kd", "nM", f"dissociation constant of {S} from open cereblon")
    net.parameter(f"{S}.CRBN.k_on", "1/nM/h", f"association rate, {S} to cereblon")
    net.parameter(f"{S}.CRBN.k_cat", "1/h", f"turnover of {S} on neddylated cereblon")
    net.derive(f"{S}.k_deg", "1/h", f"log(2) / {S}.t_half", f"basal loss of {S}")
    K = f"{S}.CRBN.Kd + ({S}.CRBN.k_cat * CRL4.active + {S}.k_deg) / {S}.CRBN.k_on"
    net.derive(f"{S}.CRBN.K_m", "nM", K, f"Michaelis constant of {S} on open cereblon")
    share = f"{S}.total / ({reach_text('CRBN.total', f'{S}.total', f'{S}.CRBN.K_m')})"
    net.derive(f"{S}.CRBN.engaged", "1", share, f"share of cereblon that holds {S} without drug")
    bound = f"CRBN.total * {S}.CRBN.engaged"
    made = f"{S}.k_deg * {S}.total + {S}.CRBN.k_cat * CRL4.active * {bound}"
    net.derive(f"{S}.k_syn", "nM/h", made, f"production of {S}")
    net.add_species(S, "nM", initial=f"{S}.total - {bound}", scale=f"{S}.total", meaning=f"free {S}")
    net.add_species(f"CRBN:{S}", "nM", initial=bound, scale=f"{S}.total", meaning=f"{S} on open cereblon")
    net.reaction(f"CRBN + {S} <-> CRBN:{S}", forward=f"{S}.CRBN.k_on", reverse=f"{S}.CRBN.k_on * {S}.CRBN.Kd")
    net.reaction(f"0 -> {S}", rate=f"{S}.k_syn")
    net.reaction(f"{S} -> 0", forward=f"{S}.k_deg")
    net.reaction(f"CRBN:{S} -> CRBN + 0", forward=f"{S}.k_deg")
    net.reaction(f"CRBN:{S} -> CRBN + 0", forward=f"{S}.CRBN.k_cat * [CRL4*]")
    return net
