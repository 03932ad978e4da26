"""How `plot` draws the assays of tube and dish: each result's table, renamed for its figure."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any

from cereblon.ground.errors import InputError


def assay_kinds() -> dict[type, Callable[[Sequence[Any]], Any]]:
    """Kind of result -> what draws several of it."""
    from cereblon.bench import Capacity, Constants, Controls, Displacement, Panel, Serum, Ternary, Washout

    return {
        Displacement: _displacement, Capacity: _capacity, Ternary: _ternary, Washout: _washout, Controls: _controls,
        Panel: _panel, Serum: _serum, Constants: _constants,
    }  # fmt: skip


def _displacement(given: Sequence[Any]) -> Any:
    import pandas as pd

    from cereblon.show.figures.engagement import METHODS, displacement_chart

    parts, found = [], []
    for one in given:
        parts.append(one.table().rename(columns={"concentration_nM": "concentration"}).assign(left=one.left))
        put_in, head = one.Kd.coherent, {"compound": one.compound, "assay": one.assay}
        found += [{**head, "method": m, "Kd": one.bias[m] * put_in or float("nan")} for m in METHODS]
        found.append({**head, "method": "put in", "Kd": put_in})
    return displacement_chart(pd.concat(parts, ignore_index=True), pd.DataFrame(found))


def _capacity(given: Sequence[Any]) -> Any:
    from cereblon.evidence.rows import reported_claims
    from cereblon.show.figures.engagement import capacity_chart

    claim = reported_claims()["C07"]
    return capacity_chart(_together(given[:1]), band=[float(claim.low), float(claim.high)])


def _constants(given: Sequence[Any]) -> Any:
    import numpy as np

    from cereblon.ground.vocabulary import printed
    from cereblon.show.figures.constants import constants_chart

    if len(given) > 1:
        raise InputError("constants are drawn one fit at a time", found=f"{len(given)} fits", expected="one")
    one = given[0]
    names = {"concentration_nM": "concentration", "time_h": "hours"}
    points = one.curves().rename(columns=names)
    said = ["added once" if np.isnan(hour) else f"washed at {hour:g} h" for hour in points["washed_h"]]
    points = points.assign(condition=said)[["concentration", "hours", "condition", "value"]]
    ends = points["concentration"].min(), points["concentration"].max()
    lines = one.over(np.geomspace(*ends, 80)).rename(columns={**names, "fitted": "value"})
    table = one.table()
    over = {c: table[c] / table["record"] for c in ("value", "low", "high", "record_low", "record_high")}
    return constants_chart(points, lines, table.assign(**over)[["constant", "verdict", *over]],
                           of=f"{printed(one.of)} left, over the untreated")  # fmt: skip


def _ternary(given: Iterable[Any]) -> Any:
    import pandas as pd

    from cereblon.show.figures.engagement import ternary_chart

    parts = [one.table().assign(bottom=one.bottom) for one in given]
    return ternary_chart(pd.concat(parts, ignore_index=True).rename(columns={"concentration_nM": "concentration"}))


def overlaid(simulated: Sequence[Any], measured: Sequence[Any]) -> Any:
    """Dose-responses of one assay, and readings over their controls as the assay's own axis has them."""
    import numpy as np
    import pandas as pd

    from cereblon.bench import Curve, Displacement, Ternary, Viability
    from cereblon.show.figures.overlay import overlay_chart

    axes: dict[type, tuple[Any, str, Callable[[Any], Any]]] = {
        Curve: (_left, "untreated", lambda one: one.remaining),
        Viability: ("living, of control", "untreated", lambda one: one.alive),
        Ternary: ("signal, times that without a drug", "untreated", lambda one: one.signal / one.bottom),
        Displacement: ("tracer held, of that without glue", "positive", lambda one: one.left),
    }
    kind = type(simulated[0])
    if kind not in axes or not all(isinstance(one, kind) for one in simulated):
        raise InputError(
            "readings are drawn over dose-responses of one assay",
            found=", ".join(dict.fromkeys(type(one).__name__ for one in simulated)),
            expected="degradation, viability, displacement or ternary, one or several",
            example="plot([curve, readings])",
        )
    said, control, read = axes[kind]
    of = said if isinstance(said, str) else said(simulated)
    lines = pd.concat(
        [
            pd.DataFrame({"compound": one.compound, "concentration": one.concentrations, "value": read(one)})
            for one in simulated
        ]
    )
    points = []
    for readings in measured:
        over = readings.normalised(control)
        wells = over.where((over.role == "sample") & (over.concentration > 0) & np.isfinite(over.value))
        columns = {"compound": wells.compound, "concentration": wells.concentration, "value": wells.value}
        points.append(pd.DataFrame(columns))
    return overlay_chart(lines, pd.concat(points, ignore_index=True), of=of)


def _left(curves: Iterable[Any]) -> str:
    """What the axis says: the protein, or proteins, that is left."""
    from cereblon.show.figures.theme import name

    return f"{', '.join(name(of) for of in dict.fromkeys(one.of for one in curves))} left (share)"


def _washout(given: Sequence[Any]) -> Any:
    from cereblon.show.figures.wells import washout_chart

    return washout_chart(_together(given).rename(columns={"removed_h": "removed"}))


def _controls(given: Sequence[Any]) -> Any:
    from cereblon.show.figures.wells import controls_chart

    return controls_chart(_together(given))


def _panel(given: Sequence[Any]) -> Any:
    from cereblon.show.figures.wells import lines_chart

    return lines_chart(_together(given))


def _serum(given: Sequence[Any]) -> Any:
    from cereblon.show.figures.wells import serum_chart

    return serum_chart(_together(given))


def _together(given: Iterable[Any]) -> Any:
    import pandas as pd

    names = {"concentration_nM": "concentration", "time_h": "hours"}
    return pd.concat([one.table().rename(columns=names) for one in given], ignore_index=True)
