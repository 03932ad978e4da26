"""Wells of an ADCC assay, from what is put in to what is read: each with its controls beside it.

A well has a glue, an antibody and an E:T. Its own controls are targets alone with the same glue (spontaneous, and
lysed: maximum), and the common ones targets alone without any drug.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from cereblon.bench.curve import Floats
from cereblon.mechanism.adcc import cytotoxicity
from cereblon.model import Model
from cereblon.model.coculture import Calendar

Columns = dict[str, Floats]
GIVEN = ("concentration", "antibody", "ratio")
SHOWN = {
    "annexin": "cell.annexin@tumour",
    "viability": "cell.viability@tumour",
    "IKZF1": "IKZF1.remaining@tumour",
    "CD38": "CD38@tumour",
    "occupancy": "FcR.occupancy@tumour",
    "IL2": "IL2@T_cell",
    "NK_activity": "NK_activity@NK_cell",
    "NK_number": "NK.number@NK_cell",
    "LDH": "LDH.released@tumour",
    "LDH_effector": "LDH.effector@tumour",
    "LDH_maximum": "LDH.maximum@tumour",
}
"""Column -> read-out of the model, when the plate is read."""
_MORE = {"living": "cell.alive@tumour", "all_taken": "cell~taken@tumour", "let_out": "dye.released@tumour"}


def wells(
    model: Model, glue: str, antibody: str, calendar: Calendar, given: Mapping[str, Floats], steroid: float = 0.0
) -> Columns:
    """Read-outs (see `bench.adcc`), one number per well; `given` holds `GIVEN` (nM, nM, E:T) and slots that vary."""
    count = next(iter(given.values())).size
    none = np.zeros(count)
    blocks = [dict(given), {**given, "antibody": none, "ratio": none}, {**given, **dict.fromkeys(GIVEN, none)}]
    table = np.vstack([np.column_stack(list(block.values())) for block in blocks])
    each, which = np.unique(table, axis=0, return_inverse=True)  # a control is simulated once
    found = _read(model, glue, antibody, calendar, dict(zip(given, each.T, strict=True)), steroid, SHOWN | _MORE)
    own, target, common = ({k: v[rows] for k, v in found.items()} for rows in np.split(which.ravel(), 3))
    columns = {name: own[name] for name in SHOWN}
    columns["alive"] = own["plated"] * own["living"] / (common["plated"] * common["living"])
    columns["taken"] = own["all_taken"] / own["at_start"]
    columns["dye"] = (own["let_out"] - target["let_out"]) / (1 - target["let_out"])
    columns["spontaneous"] = target["LDH"]
    columns["LDH_maximum"] = target["LDH_maximum"]
    everything = own["LDH"] + own["LDH_effector"]
    for name, beside in (("cytotoxicity", target), ("cytotoxicity_common", common)):
        columns[name] = cytotoxicity(everything, own["LDH_effector"], beside["LDH"], beside["LDH_maximum"])
    return columns


def living(
    model: Model, glue: str, antibody: str, calendar: Calendar, given: Mapping[str, Floats], **options: Any
) -> Floats:
    """Living targets of each well at the end over those at the first step; `given` as in `wells`."""
    found = _read(model, glue, antibody, calendar, given, 0.0, {"living": _MORE["living"]}, **options)
    return found["plated"] * found["living"]


def _read(
    model: Model, glue: str, antibody: str, calendar: Calendar, given: Mapping[str, Floats], steroid: float,
    shown: Mapping[str, str], **options: Any,
) -> Columns:  # fmt: skip
    vary = {name: column for name, column in given.items() if name not in GIVEN} | {"PBMC.count": given["ratio"]}
    doses = calendar.doses(model, {glue: given["concentration"]}, (antibody, given["antibody"]), steroid)
    plated = np.ones(given["ratio"].size)
    if calendar.replated and calendar.added > 0:
        # cells grow and die in proportion to their number: as many go into the flask as give one living per well
        before = model.simulate([calendar.added], doses, vary=vary, observe=["cell.alive"], **options)
        plated = before["cell.alive"][:, 0]
    run = model.simulate(
        [calendar.added, calendar.end], doses, vary=vary | {"cell.count": 1 / plated},
        observe=list(shown.values()), **options,
    )  # fmt: skip
    columns = {name: np.asarray(run[address][:, -1]) for name, address in shown.items()}
    return columns | {"plated": plated, "at_start": np.asarray(run[_MORE["living"]][:, 0])}
