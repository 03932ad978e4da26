"""What `plot(result, data=...)` draws: readings of one's own on the axes of the simulation, nothing fitted between."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from cereblon.ground.errors import InputError


def with_data(simulated: Sequence[Any], data: Any) -> Any:
    """The simulated results with what was measured over them, or beside them where they are maps.

    `data` is what the reader of the assay returns, or the path of a file that it reads without options. Raises
    InputError for data that are not of the assay.
    """
    from cereblon.bench import ADCC, Lysis, Readings, Synergy, Xenograft, ldh, read, read_xenograft
    from cereblon.show.assay_plot import overlaid

    if not simulated:
        raise InputError("there is nothing to lay data over", expected="a simulated result")
    first, file = simulated[0], isinstance(data, str | Path)
    if isinstance(first, Xenograft):
        return _mice(_only(simulated), _of(read_xenograft(data) if file else data, Xenograft))
    if isinstance(first, ADCC):
        from cereblon.show.plot import plot

        return plot([_of(ldh(data) if file or isinstance(data, Readings) else data, Lysis), *simulated])
    if isinstance(first, Synergy):
        found = (read(data) if file else data).synergy(draws=0) if file or isinstance(data, Readings) else [data]
        return _maps(_only(simulated), _of(_only(found), Synergy))
    return overlaid(simulated, [_of(read(data) if file else data, Readings)])


def _of(data: Any, kind: type) -> Any:
    if not isinstance(data, kind):
        raise InputError("these are no data of such an assay", where="data", found=type(data).__name__,
                         expected=f"{kind.__name__}, or the path of its file")  # fmt: skip
    return data


def _only(given: Sequence[Any]) -> Any:
    if len(given) != 1:
        raise InputError("data are laid over one result at a time", found=f"{len(given)}", expected="one")
    return given[0]


def _mice(simulated: Any, measured: Any) -> Any:
    from cereblon.show.figures.xenograft import measured_chart

    if simulated.sizes.unit != measured.sizes.unit:
        raise InputError("volumes are not laid over light", where="data", found=measured.sizes.unit,
                         expected=simulated.sizes.unit)  # fmt: skip
    names = {"volume_mm3": "volume", "light_per_s": "volume"}
    seen, drawn = measured.table().rename(columns=names), simulated.table().rename(columns=names)
    known = {arm.casefold(): arm for arm in simulated.arms} | {measured.vehicle.casefold(): simulated.vehicle}
    seen["arm"] = [known.get(str(arm).casefold(), arm) for arm in seen["arm"]]
    shared = set(seen["arm"]) & set(drawn["arm"])
    if not shared:
        raise InputError("no arm of the data has the name of a simulated one", where="data",
                         found=", ".join(measured.arms), expected=", ".join(simulated.arms))  # fmt: skip
    return measured_chart(drawn, seen, limit=simulated.limit or 0.0)


def _maps(simulated: Any, measured: Any) -> Any:
    from cereblon.show.figures.synergy import beside_chart
    from cereblon.show.synergy_plot import score

    both = {"simulated": simulated, "measured": measured}
    of = [{one.compound.casefold(), one.partner.casefold()} for one in both.values()]
    if of[0] != of[1]:
        raise InputError("the matrices are of other drugs", where="data", found=f"{measured.compound} and "
                         f"{measured.partner}", expected=f"{simulated.compound} and {simulated.partner}")  # fmt: skip
    shown = [ref for ref in ("Bliss", "Loewe") if all(ref in one.analysis.references for one in both.values())]
    return beside_chart(
        {said: one.table() for said, one in both.items()}, shown,
        {said: {ref: score(one.analysis.references[ref].score) for ref in shown} for said, one in both.items()},
    )  # fmt: skip
