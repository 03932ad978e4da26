"""What the figures of ADCC and of LDH plates are drawn from: tables of their results."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pandas as pd

    from cereblon.bench import ADCC, Lysis


def adcc_table(assay: ADCC) -> pd.DataFrame:
    """The table of an ADCC assay under the names that its figures read."""
    names = {"dexamethasone_nM": "dexamethasone", "antibody_nM": "antibody", "preincubation_h": "preincubation",
             "cytotoxicity_percent": "cytotoxicity"}  # fmt: skip
    return assay.table().rename(columns=names).assign(antibody_name=assay.design.antibody)


def adcc_arms(given: Iterable[ADCC]) -> pd.DataFrame:
    """One row per arm and read-out of ADCC assays: arm, compound, dexamethasone, PBMC, read_out, value, low, high."""
    import pandas as pd

    from cereblon.show.figures.adcc import READ_OUTS

    rows = []
    for one in given:
        steroid = one.design.dexamethasone
        for i, arm in enumerate(one.arms):
            said = arm.removesuffix(", no PBMC") + (", with dexamethasone" if steroid else "")
            for read_out in READ_OUTS:
                value = one.of(read_out, arm)
                rows.append({"arm": said, "compound": one["compound"][i], "dexamethasone": steroid,
                             "PBMC": not arm.endswith(", no PBMC"), "read_out": read_out, "value": value.value,
                             "low": value.low, "high": value.high})  # fmt: skip
    return pd.DataFrame(rows)


def lysis_table(plates: Sequence[Lysis], assays: Sequence[ADCC] = ()) -> pd.DataFrame:
    """The rows that `lysis_chart` draws: wells, fits, and what assays had simulated of them."""
    import numpy as np
    import pandas as pd

    rows: list[dict[str, Any]] = []

    def add(head: dict[str, Any], layer: str, x: Any, y: Any, low: Any = np.nan, high: Any = np.nan) -> None:
        table = pd.DataFrame({"x": x, "value": y, "low": low, "high": high}).assign(layer=layer, **head)
        rows.extend(table.to_dict("records"))  # type: ignore[arg-type]

    for plate in plates:
        over = {"concentration": plate.antibody_curves, "ratio": plate.ratio_curves}
        titles = {"concentration": f"antibody ({plate.unit})".replace(" (1)", ""), "ratio": "PBMC per target (E:T)"}
        for field, curves in over.items():
            for name, (groups, fit) in curves.items():
                head = {"axis": titles[field], "label": name, "compound": groups[0].drug}
                x = np.array([getattr(g, field) for g in groups])
                fine = np.geomspace(x[x > 0].min(), x.max(), 80)
                add(head, "fitted", fine, fit.predict(fine))
                add(head, "measured", x, *np.transpose([[g.cytotoxicity.value, g.cytotoxicity.low, g.cytotoxicity.high]
                                                        for g in groups]))  # fmt: skip
                for assay in assays:
                    series = "antibody" if field == "concentration" else "ratio"
                    some = (assay["series"] == series) & (assay["compound"] == groups[0].drug)
                    levels = assay[series] if field == "ratio" else assay.antibody_in(plate.unit)
                    add(head, "simulated", levels[some], assay["cytotoxicity"][some])
        for g in plate if not any(over.values()) else ():
            head = {"axis": "", "label": plate.condition(g), "compound": g.drug}
            add(head, "measured", [np.nan], g.cytotoxicity.value, g.cytotoxicity.low, g.cytotoxicity.high)
    return pd.DataFrame(rows, columns=["axis", "layer", "label", "compound", "x", "value", "low", "high"])
