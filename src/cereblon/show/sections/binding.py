"""Occupancy, closed cereblon and ternary complex of every glue."""

from __future__ import annotations

import numpy as np

from cereblon import bench
from cereblon.show.figures.binding import binding_chart
from cereblon.show.figures.theme import MARK, name
from cereblon.show.sections.section import Figure, Listing, Section
from cereblon.show.study import Study

CONCENTRATIONS = np.geomspace(1e-2, 1e4, 49)  # nM


def binding(study: Study) -> Section:
    """Curves at equilibrium, before anything is degraded."""
    import pandas as pd

    frames, rows = [], []
    shown = study.substrates[0]
    for glue in study.glues:
        among = study.recruited(glue, study.substrates)
        if not among:
            continue
        curve = bench.binding(glue, study.line, concentrations=CONCENTRATIONS, substrates=among)
        frames.append(
            pd.DataFrame({
                "compound": glue.name,
                "concentration": CONCENTRATIONS,
                "occupancy": curve.occupancy,
                "closed": curve.competent,
                "ternary": curve.ternary.get(shown, np.full(len(CONCENTRATIONS), np.nan)),
            })
        )  # fmt: skip
        rows.append({
            "glue": glue.symbol, "Kd": str(glue["CRBN.Kd"]), "grade": glue["CRBN.Kd"].grade,
            "closed share when bound": str(curve.closed_fraction), "grade of K_c": glue["CRBN.K_c"].grade,
            f"Kd of {name(shown)}": str(glue[f"{shown}.Kd"]) if shown in glue.neosubstrates else "",
            "grade of it": glue[f"{shown}.Kd"].grade if shown in glue.neosubstrates else "",
        })  # fmt: skip
    table = pd.concat(frames, ignore_index=True)
    caption = (
        f"Cereblon of {study.line.symbol} at equilibrium with free glue, before anything is degraded; the "
        "neosubstrates compete for it. Left: held by the glue. Middle: closed "
        f"around it, which alone recruits. Right: cereblon, glue and {name(shown)} together. No curve falls again at "
        "high "
        f"concentration: a glue has no hook. Dashed and {MARK}: its own affinity is an assumption."
    )
    said = (
        "Three rising plots against concentration. Closed at the highest concentration: "
        + ", ".join(f"{name(str(c))} {v:.0%}" for c, v in table.groupby("compound", sort=False)["closed"].max().items())
        + "."
    )
    figure = Figure(
        "binding",
        "Occupancy, closing and the ternary complex",
        binding_chart(table, of=shown, assumed=study.with_assumed_affinity),
        caption,
        said,
        table,
    )
    words = (
        "Occupancy alone does not degrade. Glues that fill cereblon equally well close different shares of it, and "
        "only closed cereblon "
        "holds a neosubstrate.",
    )
    listing = Listing(
        "affinities",
        "What the curves rest on",
        rows,
        "Apparent Kd (FP family unless the record says otherwise), closing and recruitment.",
    )
    return Section("binding", "Binding and closing", words, (figure, listing))
