"""Pathway: which mechanisms, added, make one tumour cell, one T cell, one NK cell.

    tumour cell    ligase + transcription + fate          glue -> IKZF1, IKZF3 -> MYC <-> IRF4 -> arrest, death
    T cell         ligase + T cells                       glue -> IKZF1, IKZF3 -> IL2 -> T cells
    NK cell        ligase + NK cells                      IL2 and its own loss of IKZF -> cytotoxic NK cells

Every network carries no place: `.at("tumour")` puts it into one, and dish, mouse and patient take the same.
`coupling` is how the loss of the two factors adds up. Of three, the scarcer factor decides (`minimum`) is the one
that meets knock-down of either factor alone and potency of a glue that takes both, each within its range.
"""

from __future__ import annotations

from collections.abc import Iterable

from cereblon.mechanism.fate import fate, roads
from cereblon.mechanism.immunity import NK_cells, T_cells
from cereblon.mechanism.ligase import ligase
from cereblon.mechanism.transcription import IKZF, Coupling, Shares, shares, transcription
from cereblon.network.network import Network

COUPLING: Coupling = "minimum"


def tumour_cell(
    glues: Iterable[str],
    substrates: Iterable[str],
    n_ub: int,
    n_transit: int,
    *,
    coupling: Coupling = COUPLING,
    native: str | None = "MEIS2",
    population: str | None = "cell",
    unit: str = "1",
    MYC_factor: str = "1",
    proteasome_taken: str = "0",
    kills: Iterable[str] = (),
) -> Network:
    """A myeloma cell: what the ligase leaves of IKZF1 and IKZF3 decides on MYC, IRF4, interferon, CD38, life.

    `substrates` compete for cereblon; IKZF1 and IKZF3 among them are read. `population` names the cells that grow and
    die of it (`fate.fate`, in `unit`); with None only the signals are there (`fate.roads`), for a marrow whose clones
    are counted elsewhere. `MYC_factor` and `proteasome_taken` are texts, as in `transcription` and `ligase`; `kills`
    are those of a partner, as in `fate`.
    """
    net = ligase(
        glues, substrates := tuple(substrates), n_ub, native_substrate=native, proteasome_taken=proteasome_taken
    )
    net += _answer(_left(net, substrates), n_transit, coupling, population, unit, MYC_factor, kills)
    net.name = "tumour cell"
    return net


def silenced_cell(
    n_transit: int, *, coupling: Coupling = COUPLING, population: str = "cell", unit: str = "1"
) -> Network:
    """The same cell without a glue, in which an shRNA takes a share of the making of IKZF1 or IKZF3.

    0 -> S -> 0          made k S.total (1 - S.production.inhibition), lost k
    """
    net = Network("silenced cell")
    for S in IKZF:
        net.parameter(f"{S}.total", "nM", f"all {S} of the cell without drug")
        net.parameter(f"{S}.t_half", "h", f"basal half-life of {S}")
        net.parameter(f"{S}.production.inhibition", "1", f"share of the making of {S} that is taken away")
        net.derive(f"{S}.k_deg", "1/h", f"log(2) / {S}.t_half", f"basal loss of {S}")
        net.add_species(S, "nM", initial=f"{S}.total", scale=f"{S}.total", meaning=S)
        net.reaction(f"0 -> {S}", rate=f"{S}.k_deg * {S}.total * (1 - {S}.production.inhibition)")
        net.reaction(f"{S} -> 0", forward=f"{S}.k_deg")
        net.observable(f"{S}.remaining", "1", f"[{S}] / {S}.total", f"{S} over its baseline")
    net += _answer(shares(net), n_transit, coupling, population, unit)
    net.name = "silenced cell"
    return net


def T_cell(
    glues: Iterable[str],
    substrates: Iterable[str],
    n_ub: int,
    *,
    coupling: Coupling = COUPLING,
    native: str | None = "MEIS2",
    suppression: str = "1",
    proteasome_taken: str = "0",
) -> Network:
    """A T cell with IL2, T-cell numbers and exhaustion; `suppression` (text, 1 to 0) acts on IL2."""
    net = ligase(
        glues, substrates := tuple(substrates), n_ub, native_substrate=native, proteasome_taken=proteasome_taken
    )
    net += T_cells(_left(net, substrates), coupling, suppression=suppression)
    net.name = "T cell"
    return net


def NK_cell(
    glues: Iterable[str],
    substrates: Iterable[str],
    n_ub: int,
    *,
    IL2: str = "[IL2@T_cell]",
    coupling: Coupling = COUPLING,
    native: str | None = "MEIS2",
    suppression: str = "1",
    proteasome_taken: str = "0",
) -> Network:
    """An NK cell with its own ligase, fed by the `IL2` of T cells (text); `suppression` acts on activation."""
    net = ligase(
        glues, substrates := tuple(substrates), n_ub, native_substrate=native, proteasome_taken=proteasome_taken
    )
    net += NK_cells(_left(net, substrates), coupling, IL2=IL2, suppression=suppression)
    net.name = "NK cell"
    return net


def subclone(left: Shares, n_transit: int, *, coupling: Coupling = COUPLING, MYC_factor: str = "1") -> Network:
    """The signals of a clone whose ligase is that of another place: `left` are that one's shares (placed texts)."""
    return _answer(left, n_transit, coupling, None, "1", MYC_factor)


def lymphocyte(
    glues: Iterable[str],
    substrates: Iterable[str],
    n_ub: int,
    *,
    coupling: Coupling = COUPLING,
    native: str | None = "MEIS2",
    T_suppression: str = "1",
    NK_suppression: str = "1",
    proteasome_taken: str = "0",
) -> Network:
    """T and NK cells that share one ligase, where a place more would cost more than it tells: a cohort of patients."""
    net = ligase(
        glues, substrates := tuple(substrates), n_ub, native_substrate=native, proteasome_taken=proteasome_taken
    )
    left = _left(net, substrates)
    net += T_cells(left, coupling, suppression=T_suppression) + NK_cells(left, coupling, suppression=NK_suppression)
    net.name = "lymphocyte"
    return net


def steroid(drug: str = "dexamethasone", place: str = "medium") -> Network:
    """Dexamethasone in a medium, where nothing takes it away: what it leaves of IL-2 and of NK activation.

    Observables `drug.IL2.factor` and `drug.NK.factor` (1 - Emax C / (EC50 + C)), as `partners.dexamethasone` has them
    for plasma, without its delay: the steroid is in the culture from the start.
    """
    net = Network("steroid")
    net.parameter(f"{drug}.EC50", "nM", "level at half of the effect", shared=True)
    net.add_species(f"{drug}@{place}", "nM", scale=f"{drug}.EC50", meaning=f"{drug} in the {place}")
    for target in ("IL2", "NK"):
        most = f"{drug}.{target}.Emax"
        net.parameter(most, "1", f"share of {target} that the full effect of {drug} takes", shared=True)
        left = f"1 - {most} * hill([{drug}@{place}], {drug}.EC50, 1)"
        net.observable(f"{drug}.{target}.factor", "1", left, f"factor of {drug} on {target}")
    return net


def _left(cell: Network, substrates: Iterable[str]) -> Shares:
    """Shares left of those of IKZF1 and IKZF3 that the ligase of the cell handles."""
    return shares(cell, [S for S in IKZF if S in substrates])


def _answer(
    left: Shares, n_transit: int, coupling: Coupling, population: str | None, unit: str, MYC_factor: str = "1",
    kills: Iterable[str] = (),
) -> Network:  # fmt: skip
    net = transcription(left, coupling, MYC_factor=MYC_factor)
    if population is None:
        return net + roads(n_transit)
    return net + fate(population, n_transit=n_transit, unit=unit, kills=kills)
