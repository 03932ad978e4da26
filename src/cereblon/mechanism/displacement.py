"""Displacement: a ligand takes cereblon from a labelled tracer, and both are depleted.

    CRBN + tracer  <->  CRBN:tracer            CRBN + ligand  <->  CRBN:ligand

A binding assay reads the tracer and reports the ligand. What it reports depends on what it is analysed with:

    Cheng and Prusoff 1973           K = IC50 / (1 + tracer / Kd_tracer)          free = total for everything
    Nikolovska-Coleska 2004          K = free ligand / (free tracer / Kd + free CRBN without ligand / Kd + 1)

both at half displacement. The second is exact (the algebra of the three balances); the first is its limit for little
cereblon and little bound tracer. With more cereblon than Kd the IC50 cannot fall below half of the cereblon that has
to be filled, so the first form makes every tight ligand look alike. Closing is inside the apparent Kd of a glue.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from cereblon.mechanism.equilibrium import Floats, complex_of, floats
from cereblon.mechanism.ternary import free_cereblon
from cereblon.network.network import Network


def tracer_bound(
    ligand: ArrayLike, CRBN: ArrayLike, tracer: ArrayLike, Kd: ArrayLike, Kd_tracer: ArrayLike
) -> Floats:
    """[CRBN:tracer] at equilibrium, everything depleted; `ligand`, `CRBN` and `tracer` are totals, all in one unit.

    The root of the cubic of Wang 1995 (FEBS Lett 360:111), bracketed: no digits are lost where it nearly cancels.

    >>> round(float(tracer_bound(0, CRBN=1, tracer=1, Kd=1, Kd_tracer=2)), 6)
    0.267949
    """
    ligand, CRBN, tracer, Kd, Kd_tracer = np.broadcast_arrays(*map(floats, (ligand, CRBN, tracer, Kd, Kd_tracer)))
    partners = np.stack([tracer, ligand], axis=-1)
    free = free_cereblon(CRBN, 1, partners, 1 / np.stack([Kd_tracer, Kd], axis=-1))
    return np.asarray(tracer * free / (Kd_tracer + free))[()]


def half_displacement(CRBN: ArrayLike, tracer: ArrayLike, Kd: ArrayLike, Kd_tracer: ArrayLike) -> Floats:
    """The exact IC50: total ligand (same unit) that halves the bound tracer."""
    CRBN, tracer, Kd, Kd_tracer = map(floats, (CRBN, tracer, Kd, Kd_tracer))
    half = complex_of(CRBN, tracer, Kd_tracer) / 2
    free = Kd_tracer * half / (tracer - half)
    held = CRBN - free - half
    return np.asarray(held + Kd * held / free)[()]


def Cheng_Prusoff(IC50: ArrayLike, tracer: ArrayLike, Kd_tracer: ArrayLike) -> Floats:
    """The Kd of the ligand that Cheng and Prusoff (1973) make of an IC50: totals taken for free."""
    return floats(IC50) / (1 + floats(tracer) / floats(Kd_tracer))


def Nikolovska_Coleska(IC50: ArrayLike, CRBN: ArrayLike, tracer: ArrayLike, Kd_tracer: ArrayLike) -> Floats:
    """The Kd of the ligand with all three depletions (Nikolovska-Coleska 2004, Anal Biochem 332:261); exact.

    Not above 0 for an IC50 below the cereblon that half displacement fills: no ligand is as tight as that.

    >>> exact = half_displacement(CRBN=200, tracer=10, Kd=12.6, Kd_tracer=120)
    >>> round(float(Nikolovska_Coleska(exact, CRBN=200, tracer=10, Kd_tracer=120)), 6)
    12.6
    """
    IC50, CRBN, tracer, Kd_tracer = map(floats, (IC50, CRBN, tracer, Kd_tracer))
    bound = complex_of(CRBN, tracer, Kd_tracer)
    free_tracer, unbound = tracer - bound / 2, CRBN - bound
    free = Kd_tracer * (bound / 2) / free_tracer
    ligand = IC50 - (CRBN - free - bound / 2)
    return np.asarray(ligand / (free_tracer / Kd_tracer + unbound / Kd_tracer + 1))[()]


def floor_of(CRBN: ArrayLike, tracer: ArrayLike, Kd_tracer: ArrayLike) -> Floats:
    """The IC50 of an infinitely tight ligand (same unit): below it, affinity cannot be told."""
    return half_displacement(CRBN, tracer, 0, Kd_tracer)


def polarisation(bound: ArrayLike, of_free: ArrayLike, of_bound: ArrayLike, brightness: ArrayLike = 1) -> Floats:
    """Polarisation of a mixture, `bound` being the share of tracer that is held; all 0 to 1.

    Intensities add, polarisations do not: `of_free`, `of_bound` become the intensities parallel and across, and
    `brightness` is that of a held tracer over a free one (Lakowicz 2006).

    >>> round(float(polarisation(0, 0.06, 0.22)), 3), round(float(polarisation(1, 0.06, 0.22)), 3)
    (0.06, 0.22)
    """
    share = floats(bound)

    def parts(P: ArrayLike) -> tuple[Floats, Floats]:
        """Intensity parallel and across, at unit brightness (parallel + 2 across = 1)."""
        along, across = 1 + floats(P), 1 - floats(P)
        return along / (along + 2 * across), across / (along + 2 * across)

    (along_free, across_free), (along_bound, across_bound) = parts(of_free), parts(of_bound)
    weight = share * floats(brightness)
    along = (1 - share) * along_free + weight * along_bound
    across = (1 - share) * across_free + weight * across_bound
    return (along - across) / (along + across)


def proximity(pairs: ArrayLike, donor: ArrayLike, baseline: ArrayLike, gain: ArrayLike) -> Floats:
    """A donor's signal when `pairs` of all `donor` (one unit) stand beside an acceptor.

    baseline (1 + gain pairs / donor): ratio of acceptor to donor emission, in the unit of `baseline`; TR-FRET and BRET
    alike.
    """
    return floats(baseline) * (1 + floats(gain) * floats(pairs) / floats(donor))


def tracer() -> Network:
    """CRBN + tracer <-> CRBN:tracer: the label in a tube, beside `binding.cereblon` and `binding.binding`."""
    net = Network("tracer")
    net.parameter("tracer.total", "nM", "labelled ligand in the tube")
    net.parameter("tracer.CRBN.Kd", "nM", "dissociation constant of the tracer from cereblon")
    net.parameter("tracer.CRBN.k_on", "1/nM/h", "association rate, tracer to cereblon")
    net.add_species("tracer", "nM", initial="tracer.total", scale="tracer.total", meaning="free tracer")
    net.add_species("CRBN:tracer", "nM", scale="tracer.total", meaning="cereblon that holds the tracer")
    net.reaction(
        "CRBN + tracer <-> CRBN:tracer", forward="tracer.CRBN.k_on", reverse="tracer.CRBN.k_on * tracer.CRBN.Kd"
    )
    return net
