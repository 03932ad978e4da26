"""The tumour cell after the loss of IKZF1 and IKZF3: courses, dose-response, IC50, and which road killed."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

import numpy as np

from cereblon import bench
from cereblon.bench.degradation import SATURATING
from cereblon.ground.quantity import Estimate
from cereblon.ground.vocabulary import vocabulary
from cereblon.mechanism.fate import ROADS
from cereblon.mechanism.pathway import COUPLING
from cereblon.model import Model, dish
from cereblon.model.culture import culture
from cereblon.records import Cell, Compound, cell
from cereblon.show.figures.cells import READ_OUTS, kill_chart, pathway_chart, viability_chart
from cereblon.show.figures.lines import label
from cereblon.show.figures.theme import MARK, name
from cereblon.show.sections.section import Figure, Listing, Section
from cereblon.show.study import GUIDE, PRIMARY, REFERENCE, Study

if TYPE_CHECKING:
    import pandas as pd

LAST = "5 d"
RESISTANT, DOWNSTREAM = "H929_R10", "H929_MYC"
OTHER_LINES = (RESISTANT, DOWNSTREAM, "DF15R")  # the last is without cereblon
MUTANT = "H929_Q146H"
CONCENTRATIONS = np.geomspace(1e-2, 1e5, 57)  # nM
HIGH = 10_000.0  # nM of the reference, which the resistant line lives through
WEIGHTS = ("0", "0.5", "1")
DRAWS = 60


def acting(study: Study) -> tuple[Compound, ...]:
    """The glues that the pathway knows: those that recruit both IKZF1 and IKZF3."""
    return tuple(g for g in study.glues if len(study.recruited(g, PRIMARY)) == len(PRIMARY))


def subject(study: Study) -> Compound:
    """The focus, or the guide's compound where the pathway does not know the focus."""
    return study.focus if study.focus in acting(study) else study.glue(GUIDE)


def not_simulated(study: Study) -> tuple[str, ...]:
    """A sentence where the focus is not what the chapter is about."""
    if subject(study).name == study.focus.name:
        return ()
    return (
        f"No recruitment of both IKZF1 and IKZF3 by {study.focus.symbol} is on record, and this pathway begins with "
        f"their loss: what follows shows the other glues, and {name(GUIDE)} in its place.",
    )


def cells(study: Study) -> Section:
    """Four lines under the focus and the reference, six glues on four lines, and the mutant in words."""
    lines = [study.line, *(cell(c) for c in OTHER_LINES)]
    curves = {(g.name, c.name): _curve(g, c) for g in acting(study) for c in (*lines, cell(MUTANT))}
    parts = (
        _courses(study, lines),
        _viability(study, lines, curves),
        _potency(study, lines, curves),
        _kill(study, lines),
        _constants(study),
    )
    words = (
        "IKZF1 and IKZF3 keep MYC up, and MYC and IRF4 keep each other up. Where they are lost, the cell stops in G1 "
        "and then dies, on two roads: for want of MYC and IRF4, and by interferon genes that wake. The scarcer of the "
        f"two factors decides (the form `{COUPLING}`, the only one of three that met all its rows).",
        _mutant(study, curves),
        *not_simulated(study),
        *_changed(study),
    )
    return Section("cells", "The tumour cell", words, parts)


def _curve(glue: Compound, line: Cell) -> bench.Viability:
    return bench.viability(glue, line, LAST, concentrations=CONCENTRATIONS)


def _changed(study: Study) -> tuple[str, ...]:
    if study.line.values == cell(study.line.name).values:
        return ()
    return (f"What was changed of {study.line.symbol} reaches that line alone; the others stand as shipped.",)


def _mutant(study: Study, curves: dict[tuple[str, str], bench.Viability]) -> str:
    glue, line = subject(study), study.line
    if not np.isfinite(curves[glue.name, line.name].IC50.value):
        glue = study.glue(GUIDE)  # the focus hardly acts on the line itself
    own, mutant = curves[glue.name, line.name], curves[glue.name, MUTANT]
    last = float(mutant["IKZF1"][-1])
    return (
        f"One miss stands out. A line whose IKZF1 is the mutant Q146H should not respond; in this model it does: its "
        f"IC50 under {glue.symbol} is {_said(mutant.IC50)}, that of {line.symbol} {_said(own.IC50)}, although "
        f"{last:.0%} of its IKZF1 stays. Knock-down of either factor alone kills, so here the loss of IKZF3 alone does."
    )


def _courses(study: Study, lines: Iterable[Cell]) -> Figure:
    import pandas as pd

    focus = subject(study)
    other = study.glue(REFERENCE if focus.name != REFERENCE else GUIDE)
    frames, ends = [], []
    for glue in (focus, other):
        held = HIGH if glue.name == REFERENCE else SATURATING * glue["CRBN.Kd"].to("nM").value
        for line in lines:
            run = bench.pathway(glue, line, held, until=LAST)
            part = run.table().rename(columns={"concentration_nM": "concentration", "time_h": "hours"})
            frames.append(part[["compound", "cell", "concentration", "hours", *READ_OUTS]])
            ends.append(f"{line.symbol} under {glue.symbol} {run['viability'][-1]:.0%}")
    table = pd.concat(frames, ignore_index=True)
    caption = (
        f"One addition at time 0, which decays in the medium. {focus.symbol} at {SATURATING:g} times its affinity"
        f"{'' if focus.name == REFERENCE else f', {other.symbol} at 10 µM'}. MYC, IRF4: over the drug-free cell. "
        "Interferon branch: 0 asleep, 1 as awake as it can be; its ceiling is the line's interferon.weight, which is "
        "a prior and not a finding. Annexin-positive: over positive and living. Viable: living over all cells of the "
        f"well, dead ones included, of which none vanish. The broad grey line is {study.line.symbol}. "
        f"{name(RESISTANT)} has {cell(RESISTANT)['CRBN.total']} of cereblon ({study.line.symbol} "
        f"{study.line['CRBN.total']}), a number chosen so that it lives through 10 µM lenalidomide; "
        f"{name(DOWNSTREAM)} is a construct, of no laboratory, whose two roads are both set nearly shut. "
        "What these two survive by was put in."
    )
    said = "Time courses of six read-outs in four lines. Viable on day 5: " + ", ".join(ends) + "."
    return Figure("cell_courses", "From the lost factor to the dead cell", pathway_chart(table), caption, said, table)


def _viability(study: Study, lines: Iterable[Cell], curves: dict[tuple[str, str], bench.Viability]) -> Figure:
    table = _table(curves[g.name, c.name] for c in lines for g in acting(study))
    caption = (
        f"Day 5 after one addition that then decays. Above: living cells over those of the untreated control, which "
        "grew meanwhile; IC50 is read here. Below: living over all cells of the same well, what a dye reads. "
        "Calibrated: the ratio of IC50 to DC50 of lenalidomide, pomalidomide and iberdomide in H929. Chosen: what two "
        f"lines resist by (above). The rest follows. Dashed and {MARK}: its own affinity is an assumption."
    )
    said = "Falling curves in the sensitive line. Living of control at 10 µM: " + "; ".join(
        f"{c.symbol} " + ", ".join(f"{g.symbol} {_at(curves[g.name, c.name], HIGH):.0%}" for g in acting(study))
        for c in lines
    )
    chart = viability_chart(table, assumed=study.with_assumed_affinity)
    return Figure("viability", "Viability on day 5", chart, caption, said + ".", table)


def _at(curve: bench.Viability, concentration: float) -> float:
    return float(np.interp(np.log(concentration), np.log(curve.concentrations), curve.alive))


def _table(curves: Iterable[bench.Viability]) -> pd.DataFrame:
    import pandas as pd

    parts = [c.table().rename(columns={"concentration_nM": "concentration"}) for c in curves]
    return pd.concat(parts, ignore_index=True)[["compound", "cell", "at", "concentration", "alive", "viability", "GR"]]


def _potency(study: Study, lines: list[Cell], curves: dict[tuple[str, str], bench.Viability]) -> Listing:
    rows = []
    for glue in acting(study):
        mark = f" {MARK}" if glue.name in study.with_assumed_affinity else ""
        row = {"glue": f"{glue.symbol}{mark}"}
        for line in (*lines, cell(MUTANT)):
            curve = curves[glue.name, line.name]
            wide = study.spread(curve, DRAWS) if line.name == study.line.name else curve
            row[line.symbol] = _said(wide.IC50)
        rows.append(row)
    caption = (
        "Simulated concentration at which half of the control's living cells are there. Out of range: no such "
        f"concentration up to {CONCENTRATIONS[-1] / 1000:g} µM. {study.ranges(DRAWS, study.line.symbol)}"
        f"{'' if study.quick else ', with what was calibrated left in place.'} "
        f"{name(MUTANT)} should be out of range and is not. Pomalidomide in H929 is reported at 10-100 nM; fed daily, "
        "which these curves are not, it comes down into that range."
    )
    return Listing("IC50", "IC50 on day 5", rows, caption)


def _said(estimate: Estimate) -> str:
    return str(estimate) if np.isfinite(estimate.value) else "out of range"


def _kill(study: Study, lines: Iterable[Cell]) -> Figure:
    import pandas as pd

    focus, rows = subject(study), []
    prior, assumed = study.line["interferon.weight"], study.with_assumed_affinity
    for line in lines:
        for glue in acting(study):
            rows += _by_road(line.symbol, label(glue.name, assumed), bench.pathway(glue, line, until=LAST))
    swept_in = f"{study.line.symbol}, {focus.symbol}"
    for weight in WEIGHTS:
        run = bench.pathway(focus, study.line, until=LAST, changes={"interferon.weight": weight})
        rows += _by_road(swept_in, f"weight {weight}", run)
    table = pd.DataFrame(rows)
    mine = table[(table["group"] == study.line.symbol) & (table["bar"] == label(focus.name, assumed))]
    swept = table[(table["group"] == swept_in) & (table["road"] == ROADS[1])]
    caption = (
        f"Each glue at {SATURATING:g} times its affinity. The length of a bar is what died until day 5, of all cells "
        "of the well; its parts are the roads that took them. The split is put in: interferon.weight is a prior, "
        f"{prior.value:g} in {study.line.symbol} and anywhere from 0 to 1 by its record, "
        f"{cell(DOWNSTREAM)['interferon.weight'].value:g} in {name(DOWNSTREAM)}. "
        "The last frame shows what other weights would say: "
        + ", ".join(f"{b} {s:.0%} by interferon" for b, s in zip(swept["bar"], swept["share"], strict=True))
        + f". A split of the kill is therefore not a finding of this model. {MARK}: affinity assumed."
    )
    said = f"Stacked bars. In {study.line.symbol} under {focus.symbol}: " + ", ".join(
        f"{name(r)} {s:.0%} of the kill" for r, s in zip(mine["road"], mine["share"], strict=True)
    )
    return Figure("kill", "Which road killed", kill_chart(table), caption, said + ".", table)


def _by_road(group: str, bar: str, run: bench.Pathway) -> list[dict[str, object]]:
    died = 1 - float(run["viability"][-1])
    shares = run.shares
    return [
        {"group": group, "bar": bar, "road": r, "died": died * s if np.isfinite(s) else 0.0, "share": s}
        for r, s in shares.items()
    ]


def _constants(study: Study) -> Listing:
    glue, line = subject(study), study.line
    return listed(culture(glue, line), dish(glue, line, PRIMARY), "cell_constants", "What the tumour cell rests on")


def listed(model: Model, before: Model, key: str, title: str) -> Listing:
    """The numbers of a model that another did not read, calibrated ones first."""
    read = {slot.partition("@")[0] for slot in before.values}
    rows: dict[str, dict[str, str]] = {}
    for slot, q in sorted(model.values.items(), key=lambda item: item[1].grade != "calibrated"):
        address = slot if slot.partition("@")[2] in ("T_cell", "NK_cell") else slot.partition("@")[0]
        if slot.partition("@")[0] in read or address in rows:
            continue
        word = vocabulary().get(address.partition("@")[0].split(".")[-1])
        rows[address] = {
            "address": address, "what": word.meaning if word else "", "value": str(q),
            "range": "" if q.low is None or q.high is None else f"{q.low:g} – {q.high:g}", "grade": q.grade,
        }  # fmt: skip
    count = sum(row["grade"] == "calibrated" for row in rows.values())
    caption = f"{count} of these {len(rows)} numbers are calibrated, on rows of the evidence that are named as such."
    return Listing(key, title, list(rows.values()), caption)
