"""One verb draws any result: `cb.plot(curve)`, `cb.plot(cb.simulate(regimen))`, `cb.plot([curve, other])`.

What comes back is an Altair chart: it shows itself in a notebook, and `.save("x.svg")` writes it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import TYPE_CHECKING, Any

from cereblon.ground.errors import InputError

if TYPE_CHECKING:
    from cereblon.bench.plate import Decays, Fits, Growth
    from cereblon.model import Result
    from cereblon.network.trajectory import Trajectory


def plot(result: Any, what: str = "", *, data: Any = None) -> Any:
    """The chart of a result, or of several of one kind together.

    `what` chooses among the figures of a simulated trial: waterfall, spider, swimmer, PFS, OS, DOR, adverse_events,
    ANC; its replicates are drawn beside the trial's report.

    Takes dose-response curves, time courses, binding, selectivity, viability, the pathway in time, T and NK cells,
    ADCC, LDH plates (a simulated assay beside them stands behind them), runs of a model, trajectories of a network,
    the fits and time courses of a plate's readings, studies in mice (one at a time), operating characteristics and
    courses of an escalation, escalations of simulated patients and what became of them, the grid of a protocol, doses
    and schedules compared, two doses in a randomised trial.
    Of tube and dish also displacement, capacity, the ternary signal, washout, controls, panels of lines, serum shifts,
    and the constants that a plate gave.
    Readings of a plate beside dose-responses of one assay are drawn over them, as shares of their own controls.
    Combination matrices are drawn one at a time. Raises InputError for anything else.

    `data` are measurements of one's own, laid over the simulation: what the assay's reader returns, or the path of a
    file that it reads without options. Readings (`bench.read`) over degradation, viability, displacement or the
    ternary signal; an LDH plate (`bench.ldh`) over ADCC; volumes (`bench.read_xenograft`) over the arms of their names;
    a matrix (`bench.read(...).synergy()`) beside the simulated one.

    >>> import cereblon as cb
    >>> plot(cb.bench.binding("mezigdomide")).to_dict()["config"]["background"]
    'white'
    """
    from cereblon.bedside import Course as Escalation
    from cereblon.bedside import Operating
    from cereblon.bedside.followed import Followed
    from cereblon.bedside.outcome import Outcome
    from cereblon.bench import ADCC, Binding, Course, Curve, Immune, Lysis, Pathway, Selectivity, Viability, Xenograft
    from cereblon.bench.plate import Decays, Fits, Growth, Readings
    from cereblon.bench.synergy import Synergy
    from cereblon.model import Result
    from cereblon.network.trajectory import Trajectory
    from cereblon.show.assay_plot import assay_kinds, overlaid
    from cereblon.show.dose_plot import dose_kinds
    from cereblon.show.synergy_plot import synergy_plot

    given = list(result) if isinstance(result, Sequence) and not isinstance(result, str) else [result]
    if data is not None:
        from cereblon.show.measured_plot import with_data

        return with_data(given, data)
    kinds: dict[Any, Any] = {
        Curve: _curves, Course: _courses, Binding: _binding, Selectivity: _selectivity, Viability: _viability,
        Pathway: _pathway, Immune: _immune, ADCC: _adcc, (Lysis, ADCC): _lysis, Result: _run, Trajectory: _run,
        Fits: _fits, Growth: _growth, Decays: _decays, Xenograft: _xenograft, Operating: _operating, Escalation: _path,
        Synergy: synergy_plot,
    }  # fmt: skip
    measured = [one for one in given if isinstance(one, Readings)]
    if measured and len(measured) < len(given):
        return overlaid([one for one in given if not isinstance(one, Readings)], measured)
    for kind, draw in {**kinds, **assay_kinds(), **dose_kinds(), **_bedside(what)}.items():
        if given and all(isinstance(one, kind) for one in given):
            if what and kind not in (Outcome, Followed):
                raise InputError("this result has one figure", found=f"what={what!r}", expected="a simulated trial")
            return draw(given)
    raise InputError(
        "nothing here knows how to draw this",
        found=type(result).__name__,
        expected="a curve, a course, binding, selectivity, a simulated result, or a list of one of them",
        example='plot(cb.bench.degradation("mezigdomide"))',
    )


def _curves(given: Iterable[Any]) -> Any:
    import pandas as pd

    from cereblon.records.regimen import hours
    from cereblon.show.figures import dose_response_chart

    parts = []
    for curve in given:
        at = float("inf") if curve.at == "steady" else float(hours(curve.at))
        table = curve.table().rename(columns={"of": "substrate", "concentration_nM": "concentration"})
        parts.append(table[["compound", "substrate", "concentration", "remaining"]].assign(hours=at))
    return dose_response_chart(pd.concat(parts, ignore_index=True))


def _courses(given: Iterable[Any]) -> Any:
    import pandas as pd

    from cereblon.show.figures import course_chart

    names = {"of": "substrate", "concentration_nM": "concentration", "time_h": "hours"}
    parts = [course.table().rename(columns=names) for course in given]
    wanted = ["compound", "substrate", "concentration", "hours", "remaining"]
    return course_chart(pd.concat(parts, ignore_index=True)[wanted])


def _binding(given: Sequence[Any]) -> Any:
    import pandas as pd

    from cereblon.show.figures import binding_chart

    of = next(iter(given[0].ternary))
    parts = []
    for one in given:
        table = one.table().rename(columns={"competent": "closed", "concentration_nM": "concentration"})
        parts.append(
            table.assign(ternary=one.ternary[of])[["compound", "concentration", "occupancy", "closed", "ternary"]]
        )
    return binding_chart(pd.concat(parts, ignore_index=True), of=of)


def _selectivity(given: Iterable[Any]) -> Any:
    import pandas as pd

    from cereblon.model.dish import NATIVE
    from cereblon.show.figures import panel_chart
    from cereblon.show.figures.potency import with_status

    table = pd.concat([one.table() for one in given], ignore_index=True)
    return panel_chart(with_status(table), native=[NATIVE])


def _viability(given: Sequence[Any]) -> Any:
    from cereblon.show.figures.cells import viability_chart

    return viability_chart(_together(given))


def _pathway(given: Sequence[Any]) -> Any:
    from cereblon.show.figures.cells import pathway_chart

    return pathway_chart(_together(given))


def _immune(given: Sequence[Any]) -> Any:
    from cereblon.show.figures.immune import immune_chart

    return immune_chart(_together(given).assign(IL2_at=given[0].IL2_at))


def _xenograft(given: Sequence[Any]) -> Any:
    from cereblon.show.figures.xenograft import xenograft_chart

    if len(given) != 1:
        raise InputError("one study at a time is drawn", found=f"{len(given)} studies", expected="one result")
    study = given[0]
    volumes = study.table().rename(columns={"volume_mm3": "volume", "light_per_s": "volume"})
    said = "mice alive" if study.deaths is not None else f"mice below {study.usual_size:,.0f} mm³"
    steps = study.survival().table()
    return xenograft_chart(volumes, steps, control=study.vehicle, size=said, limit=study.limit or 0.0)


def _adcc(given: Sequence[Any]) -> Any:
    import pandas as pd

    from cereblon.show.cytotoxicity import adcc_table
    from cereblon.show.figures.adcc import adcc_chart

    return adcc_chart(pd.concat([adcc_table(one) for one in given], ignore_index=True))


def _lysis(given: Sequence[Any]) -> Any:
    from cereblon.bench import Lysis
    from cereblon.show.cytotoxicity import lysis_table
    from cereblon.show.figures.lysis import lysis_chart

    plates = [one for one in given if isinstance(one, Lysis)]
    return lysis_chart(lysis_table(plates, [one for one in given if not isinstance(one, Lysis)]))


def _together(given: Iterable[Any]) -> Any:
    import pandas as pd

    names = {"concentration_nM": "concentration", "time_h": "hours", "dexamethasone_nM": "dexamethasone"}
    return pd.concat([one.table().rename(columns=names) for one in given], ignore_index=True)


def _fits(given: Sequence[Fits]) -> Any:
    one = _alone(given)
    marks = {name: fit.EC50.value for name, fit in one.fits.items()}
    return _fitted(one, marks, {name: f"EC50 {fit.EC50}" for name, fit in one.fits.items()}, one.readings.of)


def _decays(given: Sequence[Decays]) -> Any:
    from cereblon.show.figures.time_course import time_course_chart

    one = _alone(given)
    above = {name: fit.flags[0] if fit.flags else f"half-time {fit.half_time}" for name, fit in one.fits.items()}
    return time_course_chart(one.points(), one.lines(), above, of=one.readings.of)


def _growth(given: Sequence[Growth]) -> Any:
    one = _alone(given)
    marks = {name: curve.GR50.value for name, curve in one.curves.items()}
    above = {name: f"GR50 {curve.GR50}" for name, curve in one.curves.items()}
    return _fitted(one.as_fits(), marks, above, "growth rate over control (GR)")


def _fitted(fits: Fits, marks: dict[str, float], above: dict[str, str], of: str) -> Any:
    from cereblon.show.figures.dose_response import fit_chart

    lines = fits.lines()
    return fit_chart(fits.points(), lines.assign(mark=lines["curve"].map(marks).astype(float)), above, of=of,
                     unit=fits.unit)  # fmt: skip


def _alone(given: Sequence[Any]) -> Any:
    if len(given) != 1:
        raise InputError("the fits of one file at a time are drawn", found=f"{len(given)}", expected="one result")
    return given[0]


def _run(given: Sequence[Result | Trajectory]) -> Any:
    from cereblon.network.trajectory import Trajectory
    from cereblon.show.figures.run import run_chart

    if len(given) != 1:
        raise InputError("one run at a time is drawn", found=f"{len(given)} runs", expected="one result")
    run = given[0]
    trajectory = run if isinstance(run, Trajectory) else run.trajectory
    read_outs = [] if isinstance(run, Trajectory) else list(run.model.network.observables)
    shown = [name for name in trajectory.outputs if name in read_outs] or list(trajectory.outputs)
    return run_chart(trajectory, shown)


def _operating(given: Sequence[Any]) -> Any:
    import pandas as pd

    from cereblon.show.figures.escalation import NONE, operating_chart

    first = given[0]
    if any(one.truth != first.truth for one in given):
        raise InputError("designs are compared under one truth", found="several", expected="one list of DLT rates")
    rows: list[dict[str, Any]] = []
    names: list[str] = []
    best = next((one.best for one in given if one.best), 0)
    for one in given:
        same = [other.design.name for other in given[: len(names)]].count(one.design.name)
        names.append(f"{one.design.name} ({same + 1})" if same else one.design.name)
        numbers = {"selected": one.selection, "patients": one.patients, "DLT": one.DLT}
        for what, found in numbers.items():
            for dose, number in enumerate(found, 1):
                base = {"design": names[-1], "dose": first.design.called(dose), "truth": one.truth[dose - 1]}
                ends = {"value": number.value, "low": number.low, "high": number.high}
                rows.append({**base, "what": what, **ends, "best": dose == best})
        none = {"design": names[-1], "dose": NONE, "truth": 0.0, "what": "selected", "best": False}
        rows.append({**none, "value": one.none.value, "low": one.none.low, "high": one.none.high})
    return operating_chart(pd.DataFrame(rows), "; ".join(dict.fromkeys(one.how for one in given)))


def _path(given: Sequence[Any]) -> Any:
    import pandas as pd

    from cereblon.show.figures.escalation import path_chart

    if len(given) != 1:
        raise InputError("one escalation at a time is drawn", found=f"{len(given)} courses", expected="one course")
    course = given[0]
    rows: list[dict[str, Any]] = []
    for i, cohort in enumerate(course.cohorts, 1):
        for toxic in cohort.toxic:
            base = {"patient": len(rows) + 1, "cohort": i, "dose": cohort.dose, "toxic": toxic, "MTD": course.MTD}
            rows.append({**base, "decision": cohort.decision.action})
    names = {dose: course.design.called(dose) for dose in range(1, course.design.doses + 1)}
    return path_chart(pd.DataFrame(rows), names, f"Dose escalation by {course.design.name}")


# -- the bedside ---------------------------------------------------------------------------------------------


def _bedside(what: str) -> dict[type, Callable[[Sequence[Any]], Any]]:
    """Kind of a trial's result -> how it is drawn."""
    from cereblon.bedside.endpoints import Endpoints
    from cereblon.bedside.followed import Followed
    from cereblon.bedside.outcome import Outcome, Replicates
    from cereblon.bedside.response import Responses
    from cereblon.bedside.toxicity import Toxicity
    from cereblon.show.trial_plot import outcome_plot, replicates_plot
    from cereblon.statistics.survival import Survival

    return {
        Responses: _responses, Endpoints: _endpoints, Survival: _survival, Toxicity: _toxicity,
        Outcome: lambda given: outcome_plot(_one(given), what),
        Followed: lambda given: outcome_plot(_one(given).outcome, what),
        Replicates: lambda given: replicates_plot(_one(given)),
    }  # fmt: skip


def _responses(given: Sequence[Any]) -> Any:
    from cereblon.bedside.response.drawing import best_changes
    from cereblon.show.figures.response import waterfall_chart

    return waterfall_chart(best_changes(_one(given)))


def _endpoints(given: Sequence[Any]) -> Any:
    ends = _one(given)
    return _survival([ends.PFS.survival(unit_=ends.unit, level=ends.level)])


def _survival(given: Sequence[Any]) -> Any:
    from cereblon.show.figures.survival_curves import survival_chart
    from cereblon.statistics.follow_up import at_risk

    curves = _one(given)
    return survival_chart(curves.table(), at_risk(curves), unit="" if curves.unit == "1" else curves.unit)


def _toxicity(given: Sequence[Any]) -> Any:
    from cereblon.show.figures.toxicity import butterfly_chart

    found = _one(given)
    return butterfly_chart(found.by_grade(), title=f"Worst grades, CTCAE {found.version}")


def _one(given: Sequence[Any]) -> Any:
    if len(given) != 1:
        raise InputError("one trial at a time is drawn", found=f"{len(given)}", expected="one result")
    return given[0]
