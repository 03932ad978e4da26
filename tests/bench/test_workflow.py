"""Steps of an assay as data, and the figure that draws them."""

import pytest

from cereblon.bench.workflow import Step, Workflow
from cereblon.ground.errors import InputError
from cereblon.show import render
from cereblon.show.figures.workflow import levels, workflow_chart

STEPS = (
    Step("cells", "targets", 0.0, "cells", ("a line",)),
    Step("add", "well", 24.0, "add", ("1 nM", "for a day"), ("cells",)),
    Step("blank", "controls", float("nan"), "controls"),
    Step("read", "reading", 28.0, "read", (), ("add", "blank")),
)


def test_steps_are_listed_in_order_with_their_numbers() -> None:
    table = Workflow("an assay", STEPS).table()
    assert table["step"].tolist() == ["cells", "add", "blank", "read"]
    assert table["numbers"].tolist()[1] == "1 nM; for a day"
    assert table["after"].tolist()[3] == "add; blank"


def test_a_step_before_what_it_follows_is_refused() -> None:
    with pytest.raises(InputError, match="out of order"):
        Workflow("an assay", STEPS[::-1])
    with pytest.raises(InputError, match="no such step"):
        Workflow("an assay", STEPS)["wash"]


def test_the_figure_says_every_step_and_every_number() -> None:
    drawn = render.svg(render.spec(workflow_chart(Workflow("an assay", STEPS).table())))
    for word in ("cells", "a line", "add", "1 nM", "for a day", "controls", "read", "24 h", "28 h"):
        assert word in drawn, word


def test_a_step_stands_below_all_that_it_follows() -> None:
    after = {step.name: step.after for step in STEPS}
    found = levels(after)
    assert all(found[name] > found[before] for name, others in after.items() for before in others)
    assert found["blank"] == found["read"] - 1
