"""Best response and progression of many patients, from visit to visit.

nadir         2016: the lowest value that the next one has confirmed (of a pair the higher), or the baseline; before
              2016 the lowest value. Of lesions and marrow the lowest measured.
response      confirmed where the next assessment is as good or better; of a pair the lesser category counts, dated at
              its first. Without a next one, or with progression next, there is none.
progression   dated at its first assessment, where the next confirms it; by marrow or lesions it needs none. A patient
              who dies after an unconfirmed one keeps the earlier date. A rise that the next assessment does not
              confirm is passed over (`rules`): it neither stops treatment nor takes a response away.
passed over   assessments at which what the disease is followed by was not all measured (NE), those after the data cut;
              for response also those after progression or another therapy.

Marrow and plasmacytomas are not looked at on every visit: their last value holds on. Both need no confirmation, as the
guideline has it; a response of a patient who is followed by them alone stands with one assessment.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cereblon.bedside.response.assessment import Assessments, Floats
from cereblon.bedside.response.category import CR, MR, NE, PD, PR, SD, Judged
from cereblon.bedside.response.condition import Bools, with_difference
from cereblon.bedside.response.followed import follow
from cereblon.bedside.response.result import BY_DEATH, BY_NEXT, BY_NONE, Responses
from cereblon.bedside.response.rules import Rules, rules
from cereblon.bedside.response.watch import Watch
from cereblon.records.criteria import Criteria

Levels = NDArray[np.int8]

CHUNK = 8192  # patients at a time: their arrays stay in the processor's cache
_UNUSED = 127  # a visit beyond the last


def best_response(measured: Assessments, by: str | Path | Criteria | Rules = "IMWG_2016", **choices: Any) -> Responses:
    """Best confirmed response and progression of every patient; `by` and `choices` are those of `rules`.

    Raises InputError for unknown criteria. Patients without measurable disease are not evaluable (NE).

    >>> from cereblon.bedside.response import assessments
    >>> seen = assessments([1, 29, 57, 85], {"serum": [[4.0, 1.6, 1.5, 1.7]], "urine": [[0, 0, 0, 0]]})
    >>> print(best_response(seen).reason("P1"))
    PR from day 29 on, confirmed. No progression until day 85
    """
    chosen = rules(by, **choices)
    n = measured.day.shape[0]
    parts = [_run(_some(measured, slice(i, i + CHUNK)), chosen) for i in range(0, n, CHUNK)]
    return Responses(measured, chosen, **{name: np.concatenate([p[name] for p in parts]) for name in parts[0]})


def visits_of(measured: Assessments, by: Rules) -> Iterator[tuple[int, Judged]]:
    """Every visit after the baseline with what all patients are judged to be."""
    columns = {name: np.ascontiguousarray(v.T) for name, v in measured.values.items()}
    watch = Watch({name: column[0] for name, column in columns.items()}, by)
    for v in range(1, measured.day.shape[1]):
        yield v, watch.see({name: column[v] for name, column in columns.items()})


def _some(measured: Assessments, chosen: slice) -> Assessments:
    return Assessments(
        measured.patients[chosen], measured.day[chosen], {name: v[chosen] for name, v in measured.values.items()},
        measured.start[chosen], measured.death[chosen], measured.new_therapy[chosen], measured.last_contact[chosen],
        measured.cut,
    )  # fmt: skip


def _run(measured: Assessments, by: Rules) -> dict[str, NDArray[Any]]:
    """The arrays of `Responses`."""
    day = np.ascontiguousarray(measured.day.T)
    raw = np.full(day.shape, NE, np.int8)
    solid = np.zeros(day.shape, bool)
    known = day <= measured.cut  # NaN is not
    followed = follow({name: v[:, 0] for name, v in with_difference(measured.values).items()}, by.thresholds)
    for v, judged in visits_of(measured, by):
        raw[v] = np.where(known[v], judged.level, NE)
        solid[v] = judged.progression.certain
    with np.errstate(invalid="ignore"):
        late = day > measured.new_therapy
    at, how, second, rises = _progress(raw, solid, late, _died(measured))
    usable = (raw != NE) & ~late & (np.arange(len(day))[:, None] < at)
    alone = np.broadcast_to(followed.marrow | followed.only_lesion, at.shape)
    confirmed = _confirm(raw, usable, usable & ~(rises & by.skip_rise), alone)
    best, best_at = _best(raw, confirmed, usable, at)
    first = _first(confirmed >= PR)
    size = at.shape
    return {
        "raw": raw.T, "confirmed": confirmed.T, "best": best, "best_day": _taken(day, best_at),
        "response_day": _taken(day, first), "progression_day": _taken(day, at), "progression_how": how,
        "known_day": np.where(how == BY_DEATH, measured.death, _taken(day, second)),
        "tentative": np.where(usable & (raw >= MR), raw, NE).max(axis=0),
        "measurable": np.broadcast_to(followed.any, size), "evaluable": ((raw != NE) & ~late).any(axis=0),
        "MRD_negative": _free_of_disease(measured, confirmed, at, by),
    }  # fmt: skip


def _died(measured: Assessments) -> Bools:
    """Whether the patient's death is known, and no other therapy came before it."""
    with np.errstate(invalid="ignore"):
        return (measured.death <= measured.cut) & ~(measured.new_therapy <= measured.death)


def _progress(
    raw: Levels, solid: Bools, late: Bools, died: Bools
) -> tuple[NDArray[np.int64], NDArray[np.int8], NDArray[np.int64], Bools]:
    """Visit of the first progression that stands (`_UNUSED`: none), by what, the visit at which that was known, and the
    rises that do not stand."""
    n = raw.shape[1]
    at, how, known = np.full(n, _UNUSED), np.zeros(n, np.int8), np.full(n, _UNUSED)
    following = np.full(n, _UNUSED)  # visit of the next assessment that can be judged
    after, after_late = np.full(n, NE, np.int8), np.zeros(n, bool)  # the next assessment that can be judged
    rises = raw == PD
    for v in range(len(raw) - 1, 0, -1):
        worse = raw[v] == PD
        by_next = worse & (after == PD) & (after_late == late[v])
        by_death = worse & (after == NE) & died
        by_none = worse & solid[v]
        stands = by_next | by_death | by_none
        at = np.where(stands, v, at)
        known = np.where(by_none, v, np.where(by_next, following, known))
        how = np.where(by_none, BY_NONE, np.where(by_next, BY_NEXT, np.where(by_death, BY_DEATH, how))).astype(np.int8)
        rises[v] = worse & ~stands
        judged = raw[v] != NE
        after = np.where(judged, raw[v], after)
        after_late = np.where(judged, late[v], after_late)
        following = np.where(judged, v, following)
    return at, how, known, rises


def _confirm(raw: Levels, usable: Bools, looked_at: Bools, alone: Bools) -> Levels:
    """The confirmed response dated at each visit (NE: none): the lesser of the visit's and of the next looked at."""
    out = np.full(raw.shape, NE, np.int8)
    after = np.full(raw.shape[1], NE, np.int8)
    for v in range(len(raw) - 1, 0, -1):
        level = np.where(alone, raw[v], np.minimum(raw[v], after))
        out[v] = np.where(usable[v] & (level >= MR), level, NE)
        after = np.where(looked_at[v], raw[v], after)
    return out


def _best(raw: Levels, confirmed: Levels, usable: Bools, at: NDArray[np.int64]) -> tuple[Levels, NDArray[np.int64]]:
    best = confirmed.max(axis=0)
    stable = usable & (raw >= SD)
    best_at = np.where(best >= MR, _first(confirmed == best), _first(stable))
    level = np.where(best >= MR, best, np.where(stable.any(axis=0), SD, np.where(at < _UNUSED, PD, NE)))
    return level.astype(np.int8), np.where(level == PD, at, best_at)


def _free_of_disease(measured: Assessments, confirmed: Levels, at: NDArray[np.int64], by: Rules) -> Bools:
    """In complete response, with fewer clonal cells than the limit at its date or later, before progression."""
    if "MRD" not in measured.values:
        return np.zeros(at.shape, bool)
    visit = np.arange(len(confirmed))[:, None]
    inside = (visit >= _first(confirmed >= CR)) & (visit < at)
    return np.asarray(((measured.values["MRD"].T < by.thresholds.MRD) & inside).any(axis=0))


def _first(flags: Bools) -> NDArray[np.int64]:
    """The first visit that has the flag; `_UNUSED` where none has."""
    return np.where(flags.any(axis=0), flags.argmax(axis=0), _UNUSED)


def _taken(day: Floats, at: NDArray[np.int64]) -> Floats:
    """The day of a visit; NaN where there is none."""
    picked = day[np.minimum(at, len(day) - 1), np.arange(day.shape[1])]
    return np.where(at < _UNUSED, picked, np.nan)
