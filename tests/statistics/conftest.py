"""Small studies of growth, and the three public ones."""

import numpy as np
import pandas as pd
import pytest

from cereblon.statistics.growth import Sizes

STUDIES = {"LS_1034": 17.0, "SNU_81": 15.0, "SW837": 25.0}
"""Study -> the last day on which every mouse of it was measured."""


def sized(values, groups=("C", "C", "A", "A"), times=(0.0, 7.0, 14.0), control="C"):
    names = tuple(f"m{i}" for i in range(len(groups)))
    return Sizes(names, tuple(groups), np.array(times), np.array(values, float), control, "mm3")


@pytest.fixture
def small():
    """Sizes from rows of numbers: control C, times 0, 7, 14 unless told."""
    return sized


@pytest.fixture
def grown():
    """Subjects that grow exponentially at the rates given, measured on days 0, 5, 10."""

    def make(rates, groups, start=150.0, times=(0.0, 5.0, 10.0)):
        return sized([start * np.exp(k * np.array(times)) for k in rates], groups, times)

    return make


@pytest.fixture(params=STUDIES)
def study(request, require):
    """(frame as published, sizes, last whole day) of each public study."""
    frame = pd.read_csv(require(f"shared/data/data_invivosyn_{request.param}.csv"))
    wide = frame.pivot(index="Mouse", columns="Day", values="TV").loc[frame["Mouse"].unique()]
    groups = tuple(frame.drop_duplicates("Mouse").set_index("Mouse").loc[wide.index, "Treatment"])
    subjects = tuple(map(str, wide.index))
    sizes = Sizes(subjects, groups, wide.columns.to_numpy(float), wide.to_numpy(), "Vehicle", "mm3")
    return frame, sizes, STUDIES[request.param]
