"""One verb draws any result: `cb.plot(curve)`, `cb.plot(cb.simulate(regimen))`, `cb.plot([curve, other])`.

What comes back is an Altair chart: it shows itself in a notebook, and `.save("x.svg")` writes it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import TYPE_CHECKING, Any

from cereblon.ground.errors import InputError

if TYPE_CHECKING:
    from cereblon.model import Result
    from cereblon.network.trajectory import Trajectory


def plot(result: Any) -> Any:
    """The chart of a result, or of several of one kind together.

    Takes dose-response curves, time courses, binding, selectivity, viability, the pathway in time, T and NK cells, runs
    of a model and trajectories of a network.
    Raises InputError for anything else.

    >>> import cereblon as cb
    >>> plot(cb.bench.binding("mezigdomide")).to_dict()["config"]["background"]
    'white'
    """
    from cereblon.bench import Binding, Course, Curve, Immune, Pathway, Selectivity, Viability
    from cereblon.model import Result
    from cereblon.network.trajectory import Trajectory

    given = list(result) if isinstance(result, Sequence) and not isinstance(result, str) else [result]
    kinds = {
        Curve: _curves, Course: _courses, Binding: _binding, Selectivity: _selectivity, Viability: _viability,
        Pathway: _pathway, Immune: _immune, Result: _run, Trajectory: _run,
    }  # fmt: skip
    for kind, draw in {**kinds, **_bedside()}.items():
        if given and all(isinstance(one, kind) for one in given):
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


def _together(given: Iterable[Any]) -> Any:
    import pandas as pd

    names = {"concentration_nM": "concentration", "time_h": "hours", "dexamethasone_nM": "dexamethasone"}
    return pd.concat([one.table().rename(columns=names) for one in given], ignore_index=True)


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


# -- the bedside ---------------------------------------------------------------------------------------------


def _bedside() -> dict[type, Callable[[Sequence[Any]], Any]]:
    """Kind of a trial's result -> how it is drawn."""
    from cereblon.bedside.endpoints import Endpoints
    from cereblon.bedside.response import Responses
    from cereblon.bedside.toxicity import Toxicity
    from cereblon.statistics.survival import Survival

    return {Responses: _responses, Endpoints: _endpoints, Survival: _survival, Toxicity: _toxicity}


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
