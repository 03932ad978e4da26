"""The bench: arms of mice with a human tumour, their volumes, TGI, and the time to a size."""

from __future__ import annotations

from dataclasses import replace

from cereblon import bench
from cereblon.bench.arms import Arm, arms_of
from cereblon.bench.volumes import Xenograft
from cereblon.ground.quantity import Estimate
from cereblon.records.design import design
from cereblon.show.figures.theme import name
from cereblon.show.plot import plot
from cereblon.show.sections.cells import not_simulated, subject
from cereblon.show.sections.section import Figure, Listing, Section
from cereblon.show.study import GUIDE, Study

DRAWS, FEW = 1000, 100  # of the bootstrap


def xenograft(study: Study) -> Section:
    """The study of the shipped design, the focus in the place of the guide's compound; a word where it cannot be."""
    title, focus = "The bench: mice", subject(study)
    if "CL_F" not in focus:
        return Section("xenograft", title, (f"No clearance of {focus.symbol} is on record, so no mouse is dosed.",))
    found = bench.xenograft(arms=_arms(study), seed=study.seed, draws=FEW if study.quick else DRAWS)
    gone = "; ".join(f"{name(str(a))} {t}" for a, t in _doses(found))
    caption = (
        f"{name(found.model.stands['tumour']) if found.model else ''} under the skin of SCID mice, seed {study.seed}. "
        "Above left: the mean of the mice that are still there, dotted once one is gone: the fastest tumours leave "
        "first, so a late mean flatters, and as a mouse leaves after the reading that passes the limit a mean may lie "
        f"above it. Above right: Kaplan-Meier, ticks are mice last seen below the size. Assumed: every dose ({gone}; "
        "set to a patient's exposure), all pharmacokinetics in mice (scaled by body weight), growth and its spread. "
        "The mouse's own cells do not answer a glue (its cereblon has Ile391) and there is no human effector cell, so "
        "what is seen is the tumour's own response."
    )
    summary = found.summary()
    said = f"Volumes and survival of {len(found.arms)} arms. TGI on day {found.day:g}: " + "; ".join(
        f"{arm} {e.value:.0f} %" for arm, e in found.TGI().items()
    )
    figure = Figure("xenograft", "Arms of mice", plot(found), caption, f"{said}.", found.table())
    listing = Listing(
        "xenograft_TGI", "Growth inhibition and time to a size", [dict(row) for row in _rows(found, summary)],
        f"TGI on day {found.day:g}, the last on which every mouse of every arm was measured, by change of volume and "
        f"by ratio of relative volumes, 95 % by bootstrap ({found.draws} draws); p of growth by a mixed model of log "
        f"volume, of the time to {found.usual_size:,.0f} mm³ by log-rank, each against the vehicle, not corrected for "
        "their number. Not reached: fewer than half of the arm got there.",
    )  # fmt: skip
    words = (
        "A study in mice, from the inoculum to removal at a size. *Nothing is known of these drugs in mice: doses are "
        "a choice and disposition is scaled, so no TGI here is a prediction.* What it teaches is the reading: two "
        "forms of TGI, mice that leave, a time to a size.",
        *not_simulated(study),
    )
    return Section("xenograft", title, words, (figure, listing))


def _arms(study: Study) -> list[Arm]:
    """The design's arms with the study's own records."""
    plan, own = design("subcutaneous"), {p.name: p for p in study.partners} | {GUIDE: subject(study)}
    made = []
    for arm in arms_of(plan.arms, plan):
        given = tuple(replace(t, drug=own.get(t.drug.name, t.drug)) for t in arm.treatments)
        made.append(Arm(" + ".join(t.drug.name for t in given) or arm.name, given))
    return made


def _doses(found: Xenograft) -> list[tuple[str, str]]:
    """Each single arm with what it gets."""
    return [
        (arm, text.partition(": ")[2].removeprefix(f"{name(arm)} "))
        for arm, text in zip(found.arms, found.doses, strict=True)
        if arm != found.vehicle and "+" not in arm
    ]


def _rows(found: Xenograft, summary: object) -> list[dict[str, str]]:
    change, ratio, survival = found.TGI(), found.TGI(form="ratio"), found.survival()
    rows = []
    for _, row in summary.iterrows():  # type: ignore[attr-defined]
        arm = str(row["arm"])
        rows.append({
            "arm": arm, "mice": f"{row['mice']:.0f}", "mean volume (mm³)": f"{row['mean']:.0f}",
            "TGI, change (%)": _percent(change.get(arm)), "TGI, ratio (%)": _percent(ratio.get(arm)),
            "p, growth": _p(row["p_mixed"]), "median days to the size": _median(survival.median(arm)),
            "p, log-rank": _p(row["p_log_rank"]),
        })  # fmt: skip
    return rows


def _percent(found: Estimate | None) -> str:
    return "" if found is None else f"{found.value:.0f} ({found.low:.0f} to {found.high:.0f})"


def _median(found: Estimate) -> str:
    return f"{found.value:.0f}" if found.value == found.value and abs(found.value) != float("inf") else "not reached"


def _p(value: float) -> str:
    return "" if value != value else "< .001" if value < 0.001 else f"{value:.2g}"
