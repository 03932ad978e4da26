"""Partners of a glue: each drug's way through the body, and what it does there, as read-outs that others multiply by.

    dexamethasone@central ~> dexamethasone~effect -> 0               a delayed effect: kill, IL-2, NK, counts, infection
    proteasome + drug <-> proteasome:drug                            bortezomib lets go, carfilzomib is outlived
    daratumumab@central + CD38@central -> 0                          taken up by its target, which it uses up
    trametinib@central ~| ERK -> MYC                                 in cells whose MYC hangs on RAS

In a dish the same effects follow the level in the medium (`glucocorticoid_in_medium` and so on); only the kill has a
constant of its own there, since what was measured in patients is not that of a dish.

A partner knows nothing of the cells it acts on. Its effects are observables: factors that are 1 without drug, gains and
kills that are 0. `read_out(network, name)` gives one as text, for the argument of another module:

    steroid = dexamethasone()
    immunity(..., suppression=read_out(steroid, "dexamethasone.IL2.factor"))
"""

from __future__ import annotations

from collections.abc import Iterable

from cereblon.mechanism.pharmacokinetics import pharmacokinetics, tmdd
from cereblon.network.network import Network

MEDIUM = "medium"


def read_out(network: Network, name: str) -> str:
    """The observable `name` of a network as text, so that another network may read it. NetworkError if unknown."""
    network.require(name, network.observables, "observable", f"network {network.name}")
    return f"({network.observables[name].expression})"


def dexamethasone(n_compartments: int, drug: str = "dexamethasone") -> Network:
    """A glucocorticoid taken by mouth, whose effect follows plasma with a delay and outlasts it.

        0 -> drug~effect -> 0          made k hill(C, EC50), lost k: 0 to 1

    Observables, e the effect: `drug.myeloma.kill` (1/d, a patient's, not a dish's), `drug.IL2.factor` and
    `drug.NK.factor` (1 - Emax e; it takes the glue's NK gain away, Hsu 2011), `drug.neutrophil.demargination`
    (gain e, cells that leave the vessel walls), `drug.lymphocyte.factor` (share left in circulation) and
    `drug.infection.factor` (1 + gain e).
    """
    net = pharmacokinetics(drug, n_compartments)
    effect = _glucocorticoid(net, drug, "central")
    _kill(net, drug, effect)
    for target in ("IL2", "NK", "lymphocyte"):
        _loss(net, drug, target, effect)
    gain = _gain(net, drug, "neutrophil", effect)
    net.observable(f"{drug}.neutrophil.demargination", "1", gain, "cells that leave the vessel walls, over the count")
    more = _gain(net, drug, "infection", effect)
    net.observable(f"{drug}.infection.factor", "1", f"1 + {more}", "factor on the hazard of infection")
    net.name = drug
    return net


def proteasome_inhibitor(drug: str, n_compartments: int) -> Network:
    """Bortezomib or carfilzomib from the vein, and the share of the proteasome that holds it.

        0 -> proteasome:drug -> 0          k_on C (1 - held), k_off held

    `drug.proteasome.k_off` is how the enzyme is free again: by dissociation (bortezomib) or because the cell makes a
    new one (carfilzomib, irreversible). Only a part Emax of the activity can be taken. Observables:
    `drug.proteasome.inhibition` (0 to 1: what `proteasome.inhibition` of a cell is while the drug acts),
    `drug.myeloma.kill` (1/d, a patient's), `drug.platelet.factor` (on release from megakaryocytes: counts fall in
    days and are back in the rest period, Lonial 2005).
    """
    net = pharmacokinetics(drug, n_compartments, oral=False)
    inhibition = _proteasome(net, drug, "central")
    _kill(net, drug, inhibition)
    net.parameter(f"{drug}.platelet.I50", "1", "inhibition at half of what it does to megakaryocytes", shared=True)
    _loss(net, drug, "platelet", f"hill({inhibition}, {drug}.platelet.I50, 1)")
    net.name = drug
    return net


def inhibition_text(inhibitors: Iterable[Network]) -> str:
    """What several proteasome inhibitors take together, as text: each from what the others leave (0 without any)."""
    left = [f"(1 - {read_out(net, f'{net.name}.proteasome.inhibition')})" for net in inhibitors]
    return f"(1 - {' * '.join(left)})" if left else "0"


def antibody(n_compartments: int, drug: str = "daratumumab", target: str = "CD38") -> Network:
    """Daratumumab with its target in the blood, quasi-steady (`pharmacokinetics.tmdd`).

    `drug@central` is all antibody, free and held. Observables: `drug.free` (nM, what binds cells: the `level` of
    `adcc`) and `drug.target.occupancy` (share of the target in blood that is held).
    """
    net = tmdd(drug, target, n_compartments, quasi_steady=True)
    here, there = f"[{drug}@central]", f"[{target}@central]"
    free = f"(({here} - {there} - {drug}.{target}.K_m) / 2 + {_root(here, there, f'{drug}.{target}.K_m')})"
    net.observable(f"{drug}.free", "nM", free, "free antibody in plasma")
    net.observable(f"{drug}.{target}.occupancy", "1", f"{free} / ({free} + {drug}.{target}.K_m)", "share held")
    net.name = drug
    return net


def antibody_without_target(n_compartments: int, drug: str = "daratumumab") -> Network:
    """The same antibody where no target of it circulates: in a mouse, whose own CD38 it does not bind.

    Observable `drug.free`.
    """
    net = pharmacokinetics(drug, n_compartments, oral=False)
    net.observable(f"{drug}.free", "nM", f"[{drug}@central]", "antibody in plasma")
    net.name = drug
    return net


def antibody_with_fading_target(n_compartments: int, drug: str = "daratumumab") -> Network:
    """The same antibody by its population model (Xu 2020): a saturable loss that fades as the target is used up.

        drug@central -> 0          CL C  +  V_max exp(-K_des t) C / (K_m + C)

    t counts from hour 0, so the first dose must be given there; `antibody` needs no such clock. Observable `drug.free`.
    """
    net = pharmacokinetics(drug, n_compartments, oral=False)
    net.parameter(f"{drug}.V_max", "nmol/h", "fastest loss to the target, at hour 0", shared=True)
    net.parameter(f"{drug}.K_m", "nM", "level at half of it", shared=True)
    net.parameter(f"{drug}.K_des", "1/h", "rate at which the target is used up", shared=True)
    here = f"{drug}@central"
    fading = f"{drug}.V_max * exp(-{drug}.K_des * time)"
    net.reaction(f"{here} -> 0", rate=f"{fading} / {drug}.V * [{here}] / ({drug}.K_m + [{here}])")
    net.observable(f"{drug}.free", "nM", f"[{here}]", "antibody in plasma")
    net.name = drug
    return net


def trametinib(n_compartments: int, drug: str = "trametinib") -> Network:
    """A MEK inhibitor by mouth. Observables: `drug.ERK.activity` (1 without drug) and `drug.MYC.factor`.

    The factor belongs on the part of MYC that needs no IKZF1, IKZF3 or IRF4: in a RAS-mutant cell ERK holds up a share
    of it, `drug.MYC.Emax`, which is 0 in a wild-type one. So the drug undoes a downstream resistance to the glue.
    """
    net = pharmacokinetics(drug, n_compartments)
    _MEK(net, drug, "central")
    net.name = drug
    return net


def glucocorticoid_in_medium(drug: str) -> Network:
    """A steroid in a medium, which nothing takes away. Observable `drug.cell.kill` (1/d), delayed as in a patient."""
    net = _in_medium(drug)
    _kill(net, drug, _glucocorticoid(net, drug, MEDIUM), "cell")
    return net


def proteasome_inhibitor_in_medium(drug: str) -> Network:
    """A proteasome inhibitor in a medium. Observables `drug.proteasome.inhibition` and `drug.cell.kill` (1/d)."""
    net = _in_medium(drug)
    _kill(net, drug, _proteasome(net, drug, MEDIUM), "cell")
    return net


def MEK_inhibitor_in_medium(drug: str) -> Network:
    """A MEK inhibitor in a medium. Observables `drug.ERK.activity`, `drug.MYC.factor`; it kills nothing by itself."""
    net = _in_medium(drug)
    _MEK(net, drug, MEDIUM)
    return net


def _in_medium(drug: str) -> Network:
    """The level of a drug that stays as it was given: no loss in a medium is on record for a partner."""
    net = Network(drug)
    net.add_species(f"{drug}@{MEDIUM}", "nM", scale="1", meaning=f"{drug} in the {MEDIUM}")
    return net


def _glucocorticoid(net: Network, drug: str, place: str) -> str:
    """The delayed effect of the level at `place`, 0 to 1, as text."""
    net.parameter(f"{drug}.EC50", "nM", "level at half of the effect", shared=True)
    # hill(x, K, 1) is x / (K + x)
    return _delayed(net, drug, "effect", f"hill([{drug}@{place}], {drug}.EC50, 1)", place)


def _proteasome(net: Network, drug: str, place: str) -> str:
    """The share of the proteasome's activity that the level at `place` has taken, as text."""
    p = f"{drug}.proteasome"
    net.parameter(f"{p}.k_on", "1/nM/h", "rate of binding per level", shared=True)
    net.parameter(f"{p}.k_off", "1/h", "rate at which the enzyme is free again, or new", shared=True)
    net.parameter(f"{p}.Emax", "1", "largest share of the activity that can be taken", shared=True)
    held = f"proteasome:{drug}@{place}"
    net.add_species(held, "1", scale="1", meaning=f"share of the proteasome that holds {drug}")
    net.reaction(f"0 -> {held}", rate=f"{p}.k_on * [{drug}@{place}] * (1 - [{held}])")
    net.reaction(f"{held} -> 0", forward=f"{p}.k_off")
    inhibition = f"{p}.Emax * [{held}]"
    net.observable(f"{p}.inhibition", "1", inhibition, "share of proteasome activity taken away")
    return inhibition


def _MEK(net: Network, drug: str, place: str) -> None:
    net.parameter(f"{drug}.ERK.EC50", "nM", "level that halves the activity of ERK", shared=True)
    net.parameter(f"{drug}.ERK.hill", "1", "steepness", shared=True)
    lost = f"hill([{drug}@{place}], {drug}.ERK.EC50, {drug}.ERK.hill)"
    net.observable(f"{drug}.ERK.activity", "1", f"1 - {lost}", "activity of ERK over that without drug")
    _loss(net, drug, "MYC", lost)


def _delayed(net: Network, drug: str, name: str, drive: str, place: str) -> str:
    """0 -> drug~name -> 0: a state that follows `drive` (text, 0 to 1) with a half-life; gives its text."""
    state, k = f"{drug}~{name}@{place}", f"{drug}.{name}.k_follow"
    net.parameter(f"{drug}.{name}.t_half", "h", f"half-life by which the {name} follows", shared=True)
    net.derive(k, "1/h", f"log(2) / {drug}.{name}.t_half", "rate of following", shared=True)
    net.add_species(state, "1", scale="1", meaning=f"{name} of {drug}, 0 to 1")
    net.reaction(f"0 -> {state}", rate=f"{k} * {drive}")
    net.reaction(f"{state} -> 0", forward=k)
    return f"[{state}]"


def _kill(net: Network, drug: str, effect: str, target: str = "myeloma") -> None:
    """`target`: myeloma, as measured in patients, or cell, as in a dish."""
    rate = f"{drug}.{target}.k_kill"
    where = "the marrow" if target == "myeloma" else "a dish"
    net.parameter(rate, "1/d", f"kill in {where} at the full effect of {drug}", shared=True)
    net.observable(f"{drug}.{target}.kill", "1/d", f"{rate} * {effect}", f"kill by {drug}, as in {where}")


def _loss(net: Network, drug: str, target: str, effect: str) -> None:
    most = f"{drug}.{target}.Emax"
    net.parameter(most, "1", f"share of {target} that the full effect of {drug} takes", shared=True)
    net.observable(f"{drug}.{target}.factor", "1", f"1 - {most} * {effect}", f"factor of {drug} on {target}")


def _gain(net: Network, drug: str, target: str, effect: str) -> str:
    gain = f"{drug}.{target}.gain"
    net.parameter(gain, "1", f"what the full effect of {drug} adds to {target}", shared=True)
    return f"{gain} * {effect}"


def _root(A: str, B: str, K: str) -> str:
    """Root of the quadratic of A + B <-> A:B, as text; free A is (A - B - K) / 2 + root."""
    return f"sqrt((({A} - {B} - {K}) / 2)^2 + {K} * {A})"
