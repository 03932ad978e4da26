"""The guide's claims on preclinical experiments (C15-C20), judged on the simulated assays.

Doses of mice, numbers of effectors and the disposition of drugs in mice are choices or assumptions, so every claim that
holds here holds as assumed. A claim that holds for one partner and not for another fails, and the note says for whom.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np

from cereblon.bench.adcc import ADCC, adcc
from cereblon.bench.arms import Arm, Treatment, arms_of
from cereblon.bench.synergy import Synergy, synergy
from cereblon.bench.volumes import Xenograft
from cereblon.bench.xenograft import drawn_inhibition, xenograft
from cereblon.evidence.effects import DRAWN, DRAWS, SEED, Effects, Floats, Judged, held, no_effect, sized
from cereblon.records.compound import Compound
from cereblon.records.design import design
from cereblon.statistics.combination import Options

ANTIBODY, LINE, COMPARATOR = "daratumumab", "MOLP8", "pomalidomide"
USUAL_COMPARATOR = 100.0  # nM, near the plasma level of pomalidomide
RESISTANT, SENSITIVE = "H929_R10", "MOLP8"
PARTNERS = ("dexamethasone", "bortezomib", "daratumumab")
INHIBITORS = ("dexamethasone", "bortezomib", "carfilzomib")
REFERENCES = ("Bliss", "Loewe")
DAY, MICE = 21.0, 8
TOGETHER = "24 h"  # of targets, antibody and PBMC in a combination matrix
MORE = 0.01  # a read-out in shares differs by at least this
POINTS = 1.0  # and an inhibition of growth or an excess of effect, in per cent, by this
AS_ASSUMED, FAILS = "holds, as assumed", "fails"


@dataclass(frozen=True)
class Bench:
    """What the judges share: each experiment is run once, when first asked for."""

    glue: Compound

    @property
    def both(self) -> str:
        return f"{self.glue.name} + {ANTIBODY}"

    @cached_property
    def alone(self) -> ADCC:
        return adcc(self.glue, ANTIBODY, LINE, comparator=None).spread(DRAWS, SEED, ("arms",))

    @cached_property
    def beside(self) -> dict[str, ADCC]:
        """By the comparator's concentration."""
        return {
            "equal concentrations": adcc(self.glue, ANTIBODY, LINE, comparator=COMPARATOR),
            f"{USUAL_COMPARATOR:g} nM {COMPARATOR}": adcc(
                self.glue, ANTIBODY, LINE, comparator=COMPARATOR, comparator_at=USUAL_COMPARATOR
            ),
        }

    @cached_property
    def drawn_beside(self) -> dict[str, ADCC]:
        return {name: assay.spread(DRAWS, SEED, ("arms",)) for name, assay in self.beside.items()}

    @cached_property
    def inhibited(self) -> dict[str, Floats]:
        """Arm -> inhibition (%) of the resistant tumour on day 21 in the typical mouse, own and drawn."""
        return drawn_inhibition(RESISTANT, self.arms("lenalidomide", *PARTNERS), DAY, DRAWS, SEED)

    @cached_property
    def matrices(self) -> dict[str, Synergy]:
        """Partner -> matrix with the glue; daratumumab beside PBMC."""
        options = Options(skip=frozenset({"ZIP", "MuSyC", "BRAID", "CI", "CI_median_effect"}))
        found = {partner: synergy(self.glue, partner, options=options) for partner in INHIBITORS}
        return found | {ANTIBODY: synergy(self.glue, ANTIBODY, LINE, TOGETHER, options=options)}

    def arms(self, *drugs: str, partners: tuple[str, ...] = PARTNERS) -> list[Arm]:
        """Vehicle, the glue that is judged, `drugs`, and the glue with each partner, at the usual doses in mice."""
        name = self.glue.name
        texts = dict.fromkeys(("vehicle", name, *drugs, *(f"{name} + {p}" for p in partners)))
        made = arms_of(list(texts), design())

        def judged(given: Treatment) -> Treatment:
            return replace(given, drug=self.glue) if given.drug.name == name else given

        return [replace(arm, treatments=tuple(judged(t) for t in arm.treatments)) for arm in made]

    @cached_property
    def resistant(self) -> dict[str, float]:
        """Inhibition of growth (%) of the typical mouse with the resistant tumour on day 21, by arm."""
        arms = self.arms("lenalidomide", *PARTNERS)
        study = xenograft(RESISTANT, arms, days=f"0,7,14,{DAY:g}", typical=True)
        return {arm: found.value for arm, found in study.TGI(DAY).items()}

    @cached_property
    def study(self) -> Xenograft:
        """Mice with error and lots, in the resistant line."""
        return xenograft(RESISTANT, self.arms(partners=PARTNERS[:2]), n=MICE, seed=SEED)


def antibody_added(bench: Bench) -> Judged:
    """C15: the glue with daratumumab leaves fewer cells alive than either alone."""
    assay, glue = bench.alone, bench.glue.name
    numbers = {f"viable, {arm}": assay.of("viability", arm).value for arm in ("no drug", ANTIBODY, glue, bench.both)}
    differences = {other: assay.difference("viability", bench.both, other) for other in (ANTIBODY, glue)}
    for other, found in differences.items():
        numbers |= {f"viable, both less {other}": found.value, f"the same, upper end, {other}": found.high}
    lysis = assay.difference("taken", bench.both, ANTIBODY)
    numbers["taken by effectors, both less antibody"] = lysis.value
    holds = all(found.value < -MORE for found in differences.values())
    protocol = assay.design.protocol
    definition = (
        f"{LINE} in one well with PBMC, {protocol}; living over all targets; fewer: by more than {MORE:.0%}; ends of "
        f"{DRAWS} draws of the records' intervals"
    )
    note = (
        "Most of the lower viability is the glue's own kill; what effectors take rises by NK activity through IL-2, "
        "for which T cells must be stimulated. Numbers of effectors and their rates are assumptions."
    )

    def measure() -> Effects:
        mine = _draws(assay, "viability", bench.both)
        left = [mine - _draws(assay, "viability", other) for other in (ANTIBODY, glue)]
        sizes = {f"viability, both less {other} alone": found for other, found in differences.items()}
        sizes["taken by effectors, both less antibody alone"] = lysis
        return Effects(sizes, held(np.all(np.array(left) < -MORE, axis=0)))

    return Judged(numbers, definition, AS_ASSUMED if holds else FAILS, note, measure)


def more_than_comparator(bench: Bench) -> Judged:
    """C16: more apoptosis with daratumumab than pomalidomide gives."""
    numbers: dict[str, float] = {}
    differences = []
    for name, assay in bench.beside.items():
        other = f"{COMPARATOR} + {ANTIBODY}"
        found = assay.difference("annexin", bench.both, other)
        differences.append(found.value)
        numbers |= {
            f"annexin, {bench.both}, {name}": assay.of("annexin", bench.both).value,
            f"annexin, {other}, {name}": assay.of("annexin", other).value,
            f"difference, {name}": found.value,
        }
    holds = all(x > MORE for x in differences)
    definition = (
        f"{LINE}, annexin-positive over all targets after the assay, glue at 10 nM; more: by more than {MORE:.0%}, at "
        f"equal concentrations and at {USUAL_COMPARATOR:g} nM of {COMPARATOR}"
    )
    note = "It is the difference in potency; at free levels of plasma the intervals reach both sides (decision 0019)."

    def measure() -> Effects:
        other = f"{COMPARATOR} + {ANTIBODY}"
        found = bench.drawn_beside
        sizes = {
            f"annexin, {bench.both} less {other}, {name}": assay.difference("annexin", bench.both, other)
            for name, assay in found.items()
        }
        more = [_draws(a, "annexin", bench.both) - _draws(a, "annexin", other) for a in found.values()]
        return Effects(sizes, held(np.all(np.array(more) > MORE, axis=0)))

    return Judged(numbers, definition, AS_ASSUMED if holds else FAILS, note, measure)


def resistant_xenograft(bench: Bench) -> Judged:
    """C17a: with dexamethasone or bortezomib it inhibits a lenalidomide-resistant tumour."""
    model, glue = bench.study.mixed_model(), bench.glue.name
    numbers = {"TGI, lenalidomide (%)": bench.resistant["lenalidomide"]}
    highs = []
    for partner in PARTNERS[:2]:
        arm = f"{glue} + {partner}"
        slower = model.difference(arm)
        highs.append(slower.high)
        numbers |= {
            f"TGI, {arm} (%)": bench.resistant[arm],
            f"growth less vehicle's, {arm} (1/d)": slower.value,
            f"its upper end, {arm}": slower.high,
        }
    holds = max(highs) < 0
    definition = (
        f"{RESISTANT} in SCID mice; inhibition of the typical mouse on day {DAY:g}; differences of growth rates by the "
        f"mixed model in one study of {MICE} mice an arm (seed {SEED}), significant: 95 % interval below 0"
    )
    note = "Doses and disposition in mice are assumptions: with them the inhibition runs from a third to all."

    def measure() -> Effects:
        sizes = {
            f"growth, {arm} less vehicle (one study, {MICE} mice an arm)": model.difference(arm)
            for arm in (f"{glue} + {partner}" for partner in PARTNERS[:2])
        }
        sizes |= {f"TGI, {arm}": sized(bench.inhibited[arm], "%") for arm in (*_pairs(glue)[:2], "lenalidomide")}
        inhibits = [bench.inhibited[arm] > POINTS for arm in _pairs(glue)[:2]]
        return Effects(sizes, held(np.all(inhibits, axis=0), "draws, typical mouse"))

    return Judged(numbers, definition, AS_ASSUMED if holds else FAILS, note, measure)


def combined_xenografts(bench: Bench) -> Judged:
    """C17b: combinations inhibit more than the single agents."""
    glue, gains = bench.glue.name, {}
    numbers: dict[str, float] = {}
    found = bench.resistant
    for partner in PARTNERS:
        gains[partner] = found[f"{glue} + {partner}"] - max(found[glue], found[partner])
        numbers |= {f"TGI, {partner} (%)": found[partner], f"TGI, both, {partner} (%)": found[f"{glue} + {partner}"]}
        numbers[f"gain over the better one, {partner} (points)"] = gains[partner]
    numbers[f"TGI, {glue} (%)"] = found[glue]
    short = [partner for partner, gain in gains.items() if not gain > POINTS]
    definition = (
        f"{RESISTANT}, typical mouse, inhibition on day {DAY:g}; more: by more than {POINTS:g} point over the better "
        "single agent, with every partner"
    )
    note = ""
    if short:
        able = [p for p in PARTNERS if p not in short]
        also = f"; holds with {', '.join(able)}" if able else ""
        note = (
            f"Missed with {', '.join(short)}{also}. The steroid's own kill is that of a patient, small beside the "
            "growth of a xenograft; none that is measured in mice was found."
        )

    def measure() -> Effects:
        arms = bench.inhibited
        both = dict(zip(PARTNERS, _pairs(glue), strict=True))
        more = {partner: arms[arm] - np.maximum(arms[glue], arms[partner]) for partner, arm in both.items()}
        sizes = {f"TGI, both less the better one, {partner}": sized(gain, "%") for partner, gain in more.items()}
        return Effects(sizes, held(np.all([gain > POINTS for gain in more.values()], axis=0)))

    return Judged(numbers, definition, FAILS if short else AS_ASSUMED, note, measure)


def synergies(bench: Bench) -> Judged:
    """C18: synergy with dexamethasone, proteasome inhibitors and daratumumab, by two references that rarely agree."""
    found, short = bench.matrices, []
    numbers: dict[str, float] = {}
    for partner, one in found.items():
        numbers |= {f"{reference}, {partner} (%)": one[reference].value for reference in REFERENCES}
        if any(not one[reference].value > POINTS for reference in REFERENCES):
            short.append(partner)
    beside = found[ANTIBODY]
    alone = [m[np.flatnonzero(m)] for m in (beside.matrix.mean[beside.matrix.alone(drug)] for drug in (0, 1))]
    numbers[f"least alive, {bench.glue.name} alone beside PBMC"] = float(alone[0].min())
    numbers[f"least alive, {ANTIBODY} alone beside PBMC"] = float(alone[1].min())
    past = next((flag for flag in beside.analysis.flags if "exceeds the other's plateau" in flag), "")
    definition = (
        f"H929, 5 d, mean excess over the reference in % of effect, positive is synergy: more than {POINTS:g} by "
        f"{' and by '.join(REFERENCES)}; {ANTIBODY}: {LINE} with PBMC, {TOGETHER} together, effectors "
        "alone the zero"
    )
    note = (
        "No term of the model couples a glue and a killer of cells: their hazards add, so Bliss finds next to nothing "
        "where Loewe and HSA find synergy; beside PBMC CD38 and NK activity do couple them. Measured matrices were "
        "not found."
    )
    note += f" With {ANTIBODY}, {past}." * bool(past)
    if short:
        note = f"Missed by Bliss with {', '.join(short)}. {note}"

    def measure() -> Effects:
        drawn = {partner: one.spread(DRAWS, SEED) for partner, one in found.items()}
        sizes = {
            f"{reference}, {partner}": replace(
                one[reference], method=f"mean excess; {DRAWN.format(one.analysis.draws)}"
            )
            for partner, one in drawn.items() for reference in REFERENCES
        }  # fmt: skip
        above = [all(one[reference].low > POINTS for reference in REFERENCES) for one in drawn.values()]
        return Effects(sizes, f"interval above {POINTS:g} % with {sum(above)} of {len(above)} partners")

    return Judged(numbers, definition, FAILS if short else AS_ASSUMED, note, measure)


STEPS = ("glue", "antibody", "PBMC", "LDH")  # what the guide's workflow names


def lysis_workflow(bench: Bench) -> Judged:
    """C19: the assay has the steps of the guide's workflow, in their order."""
    steps = tuple(bench.alone.workflow)
    told = [" ".join((s.name, s.lane, s.does, *s.numbers)) for s in steps]
    first = {}
    for word in STEPS:
        seen = bench.glue.symbol if word == "glue" else "aratumumab" if word == "antibody" else word
        places = [k for k, text in enumerate(told) if seen in text]
        first[word] = places[0] if places else np.nan
    numbers = {"steps": float(len(steps))} | {f"first step with {word}": float(k) + 1 for word, k in first.items()}
    order = [first["glue"], first["antibody"], first["LDH"]]
    holds = bool(np.all(np.diff(order) > 0)) and np.isfinite(first["PBMC"])
    definition = "the steps that the simulated assay is made of: line and glue, antibody, effectors, lysis read as LDH"
    said = no_effect(f"a protocol, of {len(steps)} steps")
    return Judged(numbers, definition, "holds" if holds else FAILS, "The figure is drawn from these steps.", said)


def xenograft_protocol(bench: Bench) -> Judged:
    """C20: mice without immunity, inoculated, randomised, treated in arms, measured, excised."""
    study = bench.study
    volumes, weights = study.table(), study.excised()
    starts = volumes[volumes["day"] == 0].groupby("arm")["volume_mm3"].mean()
    systemic = xenograft(SENSITIVE, bench.arms(partners=()), n=MICE, seed=SEED, design="disseminated")
    numbers = {
        "arms": float(len(study.arms)),
        "mice an arm": float(MICE),
        "days measured": float(volumes["day"].nunique()),
        "largest over smallest mean volume at the lots": float(starts.max() / starts.min()),
        "tumours excised": float(len(weights)),
        "deaths followed after systemic inoculation": float(np.isfinite(np.asarray(systemic.deaths)).sum()),
    }
    holds = len(study.arms) > 1 and numbers["days measured"] > 2 and len(weights) > 0
    definition = "what a simulated study leaves: arms, volumes in time, weights at the end; and its systemic form"
    days = int(numbers["days measured"])
    said = no_effect(f"a protocol, {len(study.arms)} arms of {MICE} mice, {days} days, {len(weights)} tumours excised")
    note = "Strains: SCID and NSG, and hosts of one's own."
    return Judged(numbers, definition, "holds" if holds else FAILS, note, said)


BENCH_JUDGES = {
    "C15": antibody_added,
    "C16": more_than_comparator,
    "C17a": resistant_xenograft,
    "C17b": combined_xenografts,
    "C18": synergies,
    "C19": lysis_workflow,
    "C20": xenograft_protocol,
}


def _draws(assay: ADCC, read_out: str, arm: str) -> Floats:
    """A read-out of one arm: its own, then drawn."""
    assert assay.draws is not None
    row = assay.arms.index(arm)
    return np.append(assay.columns[read_out][row], assay.draws[read_out][:, row])


def _pairs(glue: str) -> tuple[str, ...]:
    return tuple(f"{glue} + {partner}" for partner in PARTNERS)
