"""Dose escalation: what can be expected of a design, as bars with their Monte-Carlo error, and one trial as a path."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from cereblon.show.figures.lines import inline
from cereblon.show.figures.theme import INK, QUIET, themed

if TYPE_CHECKING:
    import pandas as pd

COLOURS = ("#1F4E9E", "#B87700", "#00856A", "#9C3D88", "#3E9BD6", "#5A7D1C", "#8A8A8A", "#4B3B2A")
TOXIC, TOLERATED, REPLACED = "#C8390B", "#FFFFFF", "#B5B5B5"
PANELS = {"selected": "selected as MTD (% of trials)", "patients": "patients", "DLT": "patients with a DLT"}
"""Number -> how its panel is headed."""
NONE = "none"
AIMED = "▲"
WIDTH, HEIGHT = 300, 190


def operating_chart(table: pd.DataFrame, note: str) -> Any:
    """A panel for selection, patients and DLTs: a group of bars per dose, a bar per design, its 95 % interval on it.

    `table`: design, dose (printed; "none" for no dose), truth, what (of PANELS), value, low, high, best (bool: the dose
    nearest to the target). Shares are drawn as percent.
    """
    import altair as alt

    doses, designs = list(dict.fromkeys(table["dose"])), list(dict.fromkeys(table["design"]))
    aimed = set(table.loc[table["best"], "dose"])
    labels = {
        dose: dose if dose == NONE else f"{dose}|{rate:.2g}{'|' + AIMED if dose in aimed else ''}"
        for dose, rate in table.drop_duplicates("dose").set_index("dose")["truth"].items()
    }
    table = table.assign(label=table["dose"].map(labels))
    color = alt.Color(
        "design:N",
        sort=designs,
        scale=alt.Scale(domain=designs, range=[COLOURS[i % len(COLOURS)] for i in range(len(designs))]),
        legend=alt.Legend(orient="top", columns=4) if len(designs) > 1 else None,
    )
    charts = []
    for what, heading in PANELS.items():
        shown = [labels[dose] for dose in doses if what == "selected" or dose != NONE]
        part = table[(table["what"] == what) & table["label"].isin(shown)]
        scale = 100.0 if what == "selected" else 1.0
        part = part.assign(**{c: part[c] * scale for c in ("value", "low", "high")})
        axis = alt.Axis(
            title="dose, and its true DLT rate", labelAngle=0, labelExpr="split(datum.label, '|')", labelOverlap=False,
            ticks=False,
        )  # fmt: skip
        x = alt.X("label:N", sort=shown, axis=axis, scale=alt.Scale(domain=shown, paddingInner=0.25))
        offset = alt.XOffset("design:N", sort=designs, scale=alt.Scale(domain=designs, paddingInner=0.08))
        top = max(float(part["high"].max()), 1.0) * 1.05
        y = alt.Y("value:Q", scale=alt.Scale(domain=[0, top], nice=False), axis=alt.Axis(title=heading, tickCount=5))
        rows = part[["label", "design", "truth", "value", "low", "high"]]
        rows = rows.assign(low=rows["low"].clip(lower=0))
        chart = alt.Chart(inline(rows))
        tips = [
            alt.Tooltip("design:N", title="design"),
            alt.Tooltip("value:Q", title=heading, format=".3g"),
            alt.Tooltip("low:Q", title="95 % from", format=".3g"),
            alt.Tooltip("high:Q", title="to", format=".3g"),
        ]
        layers = [
            chart.mark_bar().encode(x, y, color, offset, tooltip=tips),
            chart.mark_rule(color=INK, strokeWidth=1.2).encode(x, alt.Y("low:Q"), alt.Y2("high:Q"), xOffset=offset),
        ]
        charts.append(alt.layer(*layers).properties(width=WIDTH, height=HEIGHT))
    told = [f"{AIMED} the dose nearest to the target"] * bool(aimed)
    told = [note, "; ".join([*told, "line on a bar: 95 % interval of the Monte-Carlo error"])]
    head = "Operating characteristics" + (f" of {designs[0]}" if len(designs) == 1 else "")
    title = alt.TitleParams(head, subtitle=told, subtitleColor=QUIET, subtitleFontSize=11.5)
    return themed(alt.hconcat(*charts, spacing=26, title=title))


def rates_chart(table: pd.DataFrame, target: float, *, title: str = "Dose-limiting toxicity by dose") -> Any:
    """DLT rates of simulated patients with their exact intervals, by dose and rule of dosing. `table`: dose (printed),
    rule, rate, low, high. A dashed line at the `target`."""
    import altair as alt

    doses, rules = list(dict.fromkeys(table["dose"])), list(dict.fromkeys(table["rule"]))
    x = alt.X("dose:N", sort=doses, scale=alt.Scale(domain=doses, paddingInner=0.4, paddingOuter=0.3),
              axis=alt.Axis(title="dose", labelAngle=0))  # fmt: skip
    offset = alt.XOffset("rule:N", sort=rules, scale=alt.Scale(domain=rules, paddingInner=0.3))
    scale = alt.Scale(domain=[0, min(1.0, 1.08 * float(table["high"].max()))], nice=False)
    y = alt.Y("rate:Q", scale=scale, axis=alt.Axis(format="%", title="evaluable patients with a DLT", tickCount=5))
    color = alt.Color("rule:N", sort=rules, scale=alt.Scale(domain=rules, range=list(COLOURS[: len(rules)])),
                      legend=alt.Legend(orient="top", symbolType="circle"))  # fmt: skip
    chart = alt.Chart(inline(table[["dose", "rule", "rate", "low", "high"]]))
    tips = ["dose:N", "rule:N", *(alt.Tooltip(f"{c}:Q", format=".0%") for c in ("rate", "low", "high"))]
    line = alt.Chart(inline([{"rate": target}])).mark_rule(color=QUIET, strokeDash=[5, 4]).encode(y="rate:Q")
    layers = [
        line,
        chart.mark_rule(strokeWidth=1.6).encode(x, alt.Y("low:Q", scale=scale), alt.Y2("high:Q"), color, offset),
        chart.mark_point(filled=True, size=90, opacity=1).encode(x, y, color, offset, tooltip=tips),
    ]
    return themed(alt.layer(*layers).properties(width=460, height=230, title=title))


def path_chart(table: pd.DataFrame, names: dict[int, str], title: str = "Dose escalation") -> Any:
    """One trial: every patient a dot at the dose given, filled where a DLT followed; the MTD a line.

    `table`: patient, cohort, dose (number), toxic (bool), decision, MTD (0: none), and where some were replaced
    evaluable (bool). `names`: number -> printed dose.
    """
    import altair as alt

    top, last = max(names), int(table["patient"].max())
    width = max(260, min(720, 19 * last))
    ticks = alt.Axis(
        values=list(names), title=None, grid=True,
        labelExpr="{" + ", ".join(f"'{k}': '{v}'" for k, v in names.items()) + "}[datum.value]",
    )  # fmt: skip
    y = alt.Y("dose:Q", scale=alt.Scale(domain=[0.5, top + 0.5], nice=False), axis=ticks)
    counted = [1, *range(5, last + 1, 5)] if last >= 5 else list(range(1, last + 1))
    x = alt.X("patient:Q", scale=alt.Scale(domain=[0.3, last + 0.7], nice=False),
              axis=alt.Axis(title="patient", values=counted, grid=False, format="d"))  # fmt: skip
    said = table.assign(outcome=table["toxic"].map({True: "with a DLT", False: "without"}))
    fills = {"with a DLT": TOXIC, "without": TOLERATED}
    if "evaluable" in table and not table["evaluable"].all():
        said.loc[~table["evaluable"], "outcome"] = "replaced"
        fills["replaced"] = REPLACED
    data = inline(said[["patient", "cohort", "dose", "outcome", "decision"]])
    color = alt.Color(
        "outcome:N",
        scale=alt.Scale(domain=list(fills), range=list(fills.values())),
        legend=alt.Legend(orient="top", symbolStrokeColor=INK, symbolStrokeWidth=1.2, symbolType="circle"),
    )
    tips = [alt.Tooltip(f"{c}:N", title=c) for c in ("patient", "cohort", "dose", "outcome", "decision")]
    layers = []
    MTD = int(table["MTD"].iloc[0])
    if MTD:
        line = alt.Chart(inline([{"dose": MTD, "text": "MTD", "patient": last + 0.7}]))
        layers.append(line.mark_rule(color=QUIET, strokeDash=[5, 4], strokeWidth=1.4).encode(y))
        layers.append(line.mark_text(align="left", dx=5, color=INK, fontSize=12).encode(x, y, text="text:N"))
    steps = alt.Chart(data).mark_line(color="#9A9A9A", strokeWidth=1.2, interpolate="step").encode(x, y)
    dots = alt.Chart(data).mark_point(filled=True, size=115, stroke=INK, strokeWidth=1.2, opacity=1, shape="circle")
    layers += [steps, dots.encode(x, y, color, tooltip=tips)]
    head = alt.TitleParams(title, subtitle="" if MTD else "no dose is the MTD", subtitleColor=QUIET, anchor="start")
    return themed(alt.layer(*layers).properties(width=width, height=max(150, 42 * top), title=head))
