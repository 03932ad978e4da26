"""The bench: every glue on every line, the IC50 of a viability assay beside the DC50 of the protein."""

from __future__ import annotations

import re

import numpy as np

from cereblon import bench
from cereblon.bench.panel import LINES, Panel
from cereblon.ground.quantity import Estimate
from cereblon.records import Cell, cell
from cereblon.show.figures.theme import MARK, name
from cereblon.show.figures.wells import lines_chart
from cereblon.show.sections.cells import CONCENTRATIONS, LAST, acting, not_simulated
from cereblon.show.sections.section import Figure, Listing, Section
from cereblon.show.study import Study

DRAWS = 20  # of the records' intervals, per glue and line
OF, AT = "IKZF1", "24 h"  # of the DC50


def lines(study: Study) -> Section:
    """IC50 of all glues on all lines as a heat map, then IC50 and DC50 with their intervals."""
    cells = (study.line, *(cell(c) for c in LINES if c != study.line.name))
    panel: Panel = study.spread(bench.panel(acting(study), cells, LAST, concentrations=CONCENTRATIONS), DRAWS)
    table = panel.table()
    top = f"{CONCENTRATIONS[-1] / 1000:g} µM"
    caption = (
        f"IC50 on day 5 of one addition, which decays in the medium: where half of the untreated control's living "
        f"cells are there. Grey: not reached up to {top}, so no number. Lines differ here by what is on record of them "
        f"(cereblon above all), so those of one set of numbers come out alike. {name('H929_Q146H')} should not respond "
        f"and does (see the tumour cell); {name('H929_R10')} and {name('H929_MYC')} were built to resist. {MARK}: its "
        "own affinity is an assumption."
    )
    beyond = sum(bool(b) for b in table["bound"])
    said = f"A map of {len(panel.cells)} lines by {len(panel.compounds)} glues, {beyond} of the IC50s out of range. "
    said += "; ".join(
        f"{name(c)} {panel.bound(c, study.line.name) or str(panel.IC50(c, study.line.name))}" for c in panel.compounds
    )
    chart = lines_chart(table, assumed=study.with_assumed_affinity)
    figure = Figure("lines", "IC50 of every glue on every line", chart, caption, f"{said}.", table)
    words = (
        "The experiments of the guide, as a bench would run them, begin here. A potency is that of a glue, a line and "
        "a day: what a line has of cereblon moves it, and a line without cereblon has none.",
        *not_simulated(study),
    )
    return Section("lines", "The bench: glues and lines", words, (figure, _IC50(study, panel), _DC50(study, cells)))


def _IC50(study: Study, panel: Panel) -> Listing:
    rows = [
        {"line": name(c), **{_glue(study, g): panel.bound(g, c) or _said(panel.IC50(g, c)) for g in panel.compounds}}
        for c in panel.cells
    ]
    caption = (
        f"Day 5. A bound stands where half was not reached; a draw that did not reach it is in no interval, and "
        f"counted (3/20 none). {study.ranges(DRAWS).rstrip('.')}."
    )
    return Listing("lines_IC50", "IC50 by line", rows, caption)


def _DC50(study: Study, cells: tuple[Cell, ...]) -> Listing:
    rows = []
    for line in cells:
        row = {"line": line.symbol}
        for glue in acting(study):
            curve = bench.degradation(glue, of=OF, cell=line, at=AT, concentrations=CONCENTRATIONS)
            row[_glue(study, glue.name)] = _said(curve.DC50)
        rows.append(row)
    caption = (
        f"{name(OF)} after {AT}, half of the effect achieved by then; its intervals in {study.line.symbol} stand in "
        "the chapter on degradation. No effect: nothing is lost at any concentration."
    )
    return Listing("lines_DC50", "DC50 by line", rows, caption)


def _glue(study: Study, glue: str) -> str:
    return f"{name(glue)} {MARK}" if glue in study.with_assumed_affinity else name(glue)


def _said(estimate: Estimate) -> str:
    """The estimate; a draw that does not get there is in no interval, so it is counted."""
    if not np.isfinite(estimate.value):
        return "no effect"
    lost = re.search(r"(\d+) of (\d+) draws", estimate.note)
    return f"{estimate}, {lost[1]}/{lost[2]} none" if lost else str(estimate)
