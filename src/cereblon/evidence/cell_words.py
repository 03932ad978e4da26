"""Rows on cells that report in words: who is stronger, what falls and what does not; each with its null model."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from cereblon.bench.immune import immune
from cereblon.bench.pathway import pathway
from cereblon.bench.viability import Viability, viability
from cereblon.evidence.laboratory import Laboratory, Simulated
from cereblon.evidence.rows import Row

STRONG = 10_000.0  # nM, a concentration at which IMiDs are tested on resistant lines
BOUND_ONLY = {"CRBN.K_c": "1e-9"}  # binds and never closes
SURE = 0.1  # of rest: less is no change


def in_words(row: Row, lab: Laboratory) -> Simulated | None:
    """Whether what the row says happens in the model, and in its null model; None for a row that nothing here reads."""
    return None if row.id not in SAID else SAID[row.id]()


def _stronger() -> Simulated:
    """M07: iberdomide, pomalidomide, lenalidomide by IC50 in the line and its resistant daughter; null: all alike."""
    found = {c: [viability(g, c).IC50.value for g in ("iberdomide", "pomalidomide", "lenalidomide")] for c in PAIR}
    says = "; ".join(f"IC50 {c} {', '.join(f'{x:.3g}' for x in values)} nM" for c, values in found.items())
    return Simulated(holds=all(a < b < c for a, b, c in found.values()), null_holds=False, says=says)


def _still_active() -> Simulated:
    """M12: pomalidomide takes half of the resistant line where lenalidomide does not; null: glues alike."""
    left = {g: float(_at(g, "H929_R10").alive[0]) for g in ("pomalidomide", "lenalidomide")}
    holds = left["pomalidomide"] < 0.5 < left["lenalidomide"]
    says = (
        f"10 uM, alive over control: pomalidomide {left['pomalidomide']:.2f}, lenalidomide {left['lenalidomide']:.2f}"
    )
    return Simulated(holds=holds, null_holds=False, says=says, put_in=True)


def _needs_cereblon() -> Simulated:
    """M14: no effect on a line without cereblon; null: the line with it."""
    least, null = (float(viability("mezigdomide", c).alive.min()) for c in ("DF15R", "H929"))
    return _unchanged(least, null, "least alive over control", put_in=True)


def _MYC_stays() -> Simulated:
    """M16: IKZF1 is lost and MYC stays in a refractory line, each at its lowest; null: the sensitive line."""
    found = {c: pathway("pomalidomide", c) for c in ("H929_MYC", "H929")}
    low = {c: [float(f[name].min()) for name in ("IKZF1", "MYC")] for c, f in found.items()}
    held = {c: IKZF1 < 0.5 < MYC for c, (IKZF1, MYC) in low.items()}
    IKZF1, MYC = low["H929_MYC"]
    says = f"lowest IKZF1 {IKZF1:.2f}, lowest MYC {MYC:.2f}"
    return Simulated(holds=held["H929_MYC"], null_holds=held["H929"], says=says, put_in=True)


def _dies_all_the_same() -> Simulated:
    """M18: a line whose MYC and IRF4 are held up dies of IKZF loss; null: the interferon road is shut."""
    held = {"MYC.independent": "1", "IRF4.independent": "1"}
    left = [
        float(_at("pomalidomide", "H929", held | {"interferon.weight": weight}).alive[0]) for weight in ("0.5", "0")
    ]
    says = f"MYC and IRF4 held, alive over control {left[0]:.2f}; with the interferon road shut {left[1]:.2f}"
    return Simulated(holds=left[0] < 0.5, null_holds=left[1] < 0.5, says=says, put_in=True)


def _CD38_rises() -> Simulated:
    """M19: CD38, at its highest, rises on the loss of IKZF1 and IKZF3; null: the interferon road is shut."""
    rise = []
    for weight in ("0.5", "0"):
        CD38 = pathway("pomalidomide", changes={"interferon.weight": weight})["CD38"]
        rise.append(float(CD38.max() / CD38[0]))
    says = f"highest CD38 over rest {rise[0]:.2f}; with the interferon road shut {rise[1]:.2f}"
    return Simulated(holds=rise[0] > 1 + SURE, null_holds=rise[1] > 1 + SURE, says=says, put_in=True)


def _not_degraded() -> Simulated:
    """M20: IKZF1 with Q146H stays; null: IKZF1 as it is."""
    least, null = (float(viability("mezigdomide", c)["IKZF1"].min()) for c in ("H929_Q146H", "H929"))
    return _unchanged(least, null, "least IKZF1 left", put_in=True)


def _release_needs_cereblon() -> Simulated:
    """I08: IL-2 is released with cereblon and not without; null: a glue that binds and never closes."""
    gone = {f"CRBN.total@{place}": "0 nM" for place in ("T_cell", "NK_cell")}
    idle = {f"lenalidomide.{name}": text for name, text in BOUND_ONLY.items()}
    usual, without, null = (immune("lenalidomide", changes=c).IL2_fold.value for c in ({}, gone, idle))
    says = f"IL-2 over rest {usual:.2f}, without cereblon {without:.2f}"
    return Simulated(holds=usual > 1 + SURE > without, null_holds=null > 1 + SURE, says=says, put_in=True)


PAIR = ("H929", "H929_R10")
SAID: Mapping[str, Callable[[], Simulated]] = {
    "I08": _release_needs_cereblon,
    "M07": _stronger,
    "M12": _still_active,
    "M14": _needs_cereblon,
    "M16": _MYC_stays,
    "M18": _dies_all_the_same,
    "M19": _CD38_rises,
    "M20": _not_degraded,
}


def _at(glue: str, line: str, changes: Mapping[str, str] | None = None) -> Viability:
    return viability(glue, line, concentrations=[STRONG], changes=dict(changes or {}))


def _unchanged(least: float, null: float, what: str, put_in: bool) -> Simulated:
    says = f"{what} {least:.3f}; null {null:.3f}"
    return Simulated(holds=abs(1 - least) < SURE, null_holds=abs(1 - null) < SURE, says=says, put_in=put_in)
