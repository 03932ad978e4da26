"""A user's table of times."""

import pytest

from cereblon.bedside.endpoints.reading import read_times
from cereblon.ground.errors import InputError


def read(folder, text):
    file = folder / "times.csv"
    file.write_text(text)
    return read_times(file)


def test_times_events_and_arms(tmp_path):
    found = read(tmp_path, "time,event,arm\n6,1,A\n6,0,B\n7.5,yes,A\n")
    assert found.times.tolist() == [6, 6, 7.5]
    assert found.events.tolist() == [True, False, True]
    assert found.arms == ("A", "B", "A")
    assert found.causes == ()


def test_named_causes(tmp_path):
    found = read(tmp_path, "time;event\n6,5;death\n6;\n7;relapse\n8;censored\n")
    assert found.causes == ("death", "", "relapse", "")
    assert found.times[0] == 6.5


@pytest.mark.parametrize(
    ("text", "what"),
    [
        ("time,event\n", "no row"),
        ("time,status\n1,1\n", "event is missing"),
        ("time,event\nsoon,1\n", "line 2, time"),
        ("time,event\n-1,1\n", "below 0"),
        ("time,event\n1,1\n2,death\n", "1 or 0, or everywhere"),
        ("time,event\n1,1\n2,\n", "1 or 0, or everywhere"),
        ("time,event\n1,\n2,\n", "1 or 0, or everywhere"),
        ("time,event,arm\n1,1,\n", "without its arm"),
        ("patient,time,event\nP1,1,1\nP1,2,1\n", "a patient twice"),
    ],
)
def test_bad_tables_are_refused(tmp_path, text, what):
    with pytest.raises(InputError, match=what):
        read(tmp_path, text)
