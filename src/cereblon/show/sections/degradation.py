"""Degradation of IKZF1 and IKZF3: dose-response at stated times, and time courses."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from cereblon import bench
from cereblon.ground.quantity import Estimate
from cereblon.model import dish, exposure
from cereblon.show.figures.degradation import course_chart, dose_response_chart, written
from cereblon.show.figures.theme import MARK, name
from cereblon.show.sections.section import Figure, Listing, Section
from cereblon.show.study import HELD, PRIMARY, TIMES, Study

if TYPE_CHECKING:
    import pandas as pd

CONCENTRATIONS = np.geomspace(1e-2, 1e4, 49)  # nM
LAST = 24.0  # h
DRAWS = 60  # of the records' intervals, per curve
_WIDE = (
    "; what was calibrated stays, as the fit ties it together. The ranges are wide because those of the numbers are."
)


def degradation(study: Study) -> Section:
    """Curves and courses of the kinetic network."""
    import pandas as pd

    responses, courses, rows = [], [], []
    for glue in study.glues:
        among = study.recruited(glue, study.substrates)
        rivals = tuple(dict.fromkeys((*among, *study.recruited(glue, PRIMARY))))
        for substrate in among:
            curves = [
                bench.degradation(
                    glue, of=substrate, cell=study.line, at=t, concentrations=CONCENTRATIONS, substrates=rivals
                )
                for t in TIMES
            ]
            for curve, at in zip(curves, TIMES, strict=True):
                responses.append(
                    pd.DataFrame(
                        {
                            "compound": glue.name,
                            "substrate": substrate,
                            "hours": float(at.split()[0]),
                            "concentration": CONCENTRATIONS,
                            "remaining": curve.remaining,
                        }
                    )
                )
            rows.append(_row(glue.symbol, substrate, [study.spread(curve, DRAWS) for curve in curves]))
        courses += _courses(study, glue.name, rivals, among)
    response, course = pd.concat(responses, ignore_index=True), pd.concat(courses, ignore_index=True)
    assumed = study.with_assumed_affinity
    note = f"Dashed and {MARK}: its own affinity is an assumption."
    first = Figure(
        "dose_response",
        "Dose-response at 1, 4 and 24 hours",
        dose_response_chart(response, assumed=assumed),
        f"What is left of the protein in {study.line.symbol}, over its drug-free level, after one addition of drug "
        "that then decays in the medium. "
        f"A DC50 without its time says little: loss takes hours to build up, and the drug decays meanwhile. {note}",
        f"Curves that fall with concentration. {_ranking(study, response)}",
        response,
    )
    held = " and ".join(written(c) for c in HELD)
    second = Figure(
        "time_courses",
        "Time courses",
        course_chart(course, assumed=assumed),
        f"The same proteins over {LAST:g} h at {held}, glues side by side. The protein returns as the drug decays in "
        f"the medium. {note}",
        f"Curves that fall with time and, as the drug decays, rise again. {_ranking(study, course)}",
        course,
    )
    listing = Listing(
        "DC50",
        "DC50 and Dmax by assay time",
        rows,
        "Simulated. DC50: half of the effect achieved at that time. Dmax: loss at the highest concentration of the "
        f"assay. {study.ranges(DRAWS)}{_WIDE * (not study.quick)}",
    )
    named = " and ".join(name(s) for s in dict.fromkeys((*study.substrates,)))
    words = (
        "Depth, potency and speed are three views of one number: how much faster a glue has the protein destroyed "
        "than the cell does by itself.",
    )
    return Section("degradation", f"Degradation of {named}", words, (first, listing, second))


def _ranking(study: Study, table: pd.DataFrame) -> str:
    """Who leaves least, in words, from the numbers drawn."""
    of = table["substrate"].iloc[0]
    left = table[table["substrate"] == of].groupby("compound")["remaining"].mean().sort_values()
    return (
        f"From the deepest loss of {name(of)} to the shallowest, on average: {', '.join(name(g) for g in left.index)}."
    )


def _row(symbol: str, substrate: str, curves: list[bench.Curve]) -> dict[str, str]:
    row = {"glue": symbol, "protein": name(substrate)}
    for at, curve in zip(TIMES, curves, strict=True):
        row[f"DC50 at {at}"] = str(curve.DC50)
        row[f"Dmax at {at}"] = _share(curve.Dmax)
    return row


def _share(loss: Estimate) -> str:
    """A loss in per cent, with its range."""
    known = f"{loss.value:.0%}"
    return known if loss.low != loss.low else f"{known} ({100 * loss.low:.0f}-{100 * loss.high:.0f})"


def _courses(study: Study, glue: str, rivals: tuple[str, ...], among: tuple[str, ...]) -> list[pd.DataFrame]:
    import pandas as pd

    if not among:
        return []
    model = dish(study.glue(glue), study.line, rivals)
    times = np.concatenate([np.linspace(0, 4, 33), np.linspace(4.5, LAST, 40)])
    result = model.simulate(times, exposure(model, {glue: np.array(HELD)}))
    return [
        pd.DataFrame(
            {
                "compound": glue,
                "substrate": s,
                "concentration": c,
                "hours": times,
                "remaining": result[f"{s}.remaining"][i],
            }
        )
        for s in among
        for i, c in enumerate(HELD)
    ]
