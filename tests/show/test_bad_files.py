"""The five analyses on files as they should not be: exit code 2 and the place, or a flag; never a silent number."""

from __future__ import annotations

import math
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from cereblon.bench.plate.mangled import what_happened
from cereblon.show.cli import run

DOSES = (0, 1, 3, 10, 30, 100, 300, 1000)
Rows = list[list[str]]


def dose_response() -> Rows:
    """Header and rows of a falling curve in triplicate."""
    rows = [[f"{x:g}", f"{1 / (1 + x / 30) + 0.01 * k:.4f}"] for x in DOSES for k in range(3)]
    wells = [f"{'AB'[i // 12]}{i % 12 + 1}" for i in range(len(rows))]
    return [["well", "concentration (nM)", "value"], *([w, *r] for w, r in zip(wells, rows, strict=True))]


def gr() -> Rows:
    """Counts with those of time 0 and of the control on each row."""
    rows = [[f"{x:g}", f"{400 + 600 / (1 + x / 30) + 5 * k:.1f}", "300", "1000"] for x in DOSES[1:] for k in range(3)]
    return [["compound", "concentration (nM)", "cell_count", "cell_count__time0", "cell_count__ctrl"],
            *(["mezigdomide", *r] for r in rows)]  # fmt: skip


def ldh() -> Rows:
    """An antibody's series with the four controls."""
    wells = [("experimental", "25", f"{x:g}", 0.4 + 0.6 * x / (x + 3)) for x in DOSES]
    controls = [("medium", "", "", 0.1), ("target", "", "", 0.3), ("maximum", "", "", 1.5), ("effector", "25", "", 0.2)]
    rows = [[role, ratio, x, f"{v + 0.01 * k:.3f}"] for role, ratio, x, v in (*wells, *controls) for k in range(3)]
    return [["well", "role", "ratio", "antibody_nM", "value"],
            *([f"{'ABC'[i // 12]}{i % 12 + 1}", *r] for i, r in enumerate(rows))]  # fmt: skip


def synergy() -> Rows:
    """A matrix of two drugs."""
    some = DOSES[::2]
    rows = [["a", f"{x:g}", "b", f"{y:g}", f"{100 / (1 + x / 30) / (1 + y / 20):.3f}"] for x in some for y in some]
    return [["compound", "concentration (nM)", "partner", "partner_concentration (nM)", "value"], *rows]


def xenograft() -> Rows:
    """Two arms of four mice."""
    arms = (("vehicle", 0.15), ("mezigdomide", 0.05))
    rows = [
        [arm, f"{arm[0]}{m}", str(day), f"{100 * math.exp(rate * day) + 3 * m * (1 + day % 3):.1f}"]
        for arm, rate in arms for m in range(4) for day in (0, 3, 7, 10)
    ]  # fmt: skip
    return [["arm", "mouse", "day", "volume"], *rows]


FILES: dict[str, tuple[Callable[[], Rows], int]] = {  # rows, and the column of doses (or days); readings are the last
    "dose-response": (dose_response, 1), "gr": (gr, 1), "ldh": (ldh, 3), "synergy": (synergy, 1),
    "xenograft": (xenograft, 2),
}  # fmt: skip
VALUE = {"dose-response": 2, "gr": 2, "ldh": 4, "synergy": 4, "xenograft": 3}
QUICK = {"synergy": ("--draws", "0"), "xenograft": ("--draws", "20")}
Mend = Callable[[str], str]


@pytest.fixture
def analysed(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Callable[..., tuple[int, str, str]]:
    """(exit code, output, errors) of an analysis of some rows; nothing may be written when it leaves with 2."""

    def call(verb: str, rows: Rows, write: bool = True) -> tuple[int, str, str]:
        file, out = tmp_path / "mine.csv", tmp_path / f"out-{verb}"
        file.write_text("\n".join(",".join(f'"{c}"' if "," in c else c for c in row) for row in rows) + "\n", "utf-8")
        code = run(["analyse", verb, str(file), *QUICK.get(verb, ()), *(("--out", str(out)) if write else ())])
        said = capsys.readouterr()
        assert code != 2 or not out.exists()
        assert "Traceback" not in said.err
        return code, said.out, said.err

    return call


def spoiled(rows: Rows, column: int, cell: str, line: int = 6) -> Rows:
    """The rows with one cell replaced, on line `line` of the file."""
    out = [list(row) for row in rows]
    out[line - 1][column] = cell
    return out


def everywhere(rows: Rows, column: int, cell: str) -> Rows:
    """The rows with a whole column replaced."""
    return [rows[0], *([*row[:column], cell, *row[column + 1 :]] for row in rows[1:])]


@pytest.mark.parametrize("verb", FILES)
@pytest.mark.parametrize(
    ("cell", "told"),
    [("01-Jan", "1.1, 1-1 or 1/1"), ("1-Mar", "1.3, 1-3 or 1/3"), ("#REF!", "Excel formula"),
     ("1,234.5", "write 1234.5"), ("1.000,5", "write 1000.5"), ("<0.5", "a bound"), ("OVRFLW", "outside its range"),
     ("n.d.", "not detected")],
)  # fmt: skip
def test_a_mangled_number_is_refused_with_its_line_and_what_happened(
    verb: str, cell: str, told: str, analysed: Callable[..., tuple[int, str, str]]
) -> None:
    make, dose = FILES[verb]
    for column in (VALUE[verb], dose):
        code, _, err = analysed(verb, spoiled(make(), column, cell))
        assert code == 2
        assert "mine.csv, line 6" in err
        assert make()[0][column] in err
        assert told in err
        assert cell in err
        assert make()[5][0] in err or make()[0][0] != "well" or column == dose  # the well, where the file has wells


@pytest.mark.parametrize("verb", FILES)
def test_scientific_numbers_and_hidden_spaces_are_read(
    verb: str, analysed: Callable[..., tuple[int, str, str]]
) -> None:
    make, _ = FILES[verb]
    number = float(make()[5][VALUE[verb]])
    plain = analysed(verb, spoiled(make(), VALUE[verb], repr(number)), False)
    for cell in (f"{number:.6E}", f" {number!r}\u00a0"):
        assert analysed(verb, spoiled(make(), VALUE[verb], cell), False) == plain
    assert plain[0] == 0


@pytest.mark.parametrize("verb", FILES)
def test_a_plate_without_readings_or_with_other_columns_is_refused(
    verb: str, analysed: Callable[..., tuple[int, str, str]]
) -> None:
    rows = FILES[verb][0]()
    for empty in ("NaN", ""):
        code, _, err = analysed(verb, everywhere(rows, VALUE[verb], empty))
        assert code == 2
        assert "no well has a reading" in err or "no volume was measured" in err
    code, _, err = analysed(verb, [list("abcdef"[: len(rows[0])]), *rows[1:]])
    assert code == 2
    assert "a, b, c" in err
    code, _, err = analysed(verb, everywhere(rows, VALUE[verb], "1e300"))
    assert code == 2
    assert "out of range" in err


@pytest.mark.parametrize("verb", FILES)
def test_units_that_do_not_fit_are_refused(verb: str, analysed: Callable[..., tuple[int, str, str]]) -> None:
    make, dose = FILES[verb]
    rows = [[*r[:dose], f"{r[dose]} {('uM', 'ng/mL')[i % 2]}", *r[dose + 1 :]] for i, r in enumerate(make()[1:])]
    code, _, err = analysed(verb, [make()[0], *rows])
    assert code == 2
    assert "do not fit together" in err or "this is not a number" in err


def test_a_constant_response_is_refused_or_flagged(analysed: Callable[..., tuple[int, str, str]]) -> None:
    said = {verb: analysed(verb, everywhere(make(), VALUE[verb], "5")) for verb, (make, _) in FILES.items()}
    assert {verb: code for verb, (code, _, _) in said.items()} == {
        "dose-response": 0, "gr": 0, "ldh": 2, "synergy": 2, "xenograft": 0,
    }  # fmt: skip
    assert "no effect: the readings are constant" in said["dose-response"][1]
    assert "does not fit its replicates" not in said["dose-response"][1]
    assert "no effect" in said["gr"][1]
    assert "maximum release is not above spontaneous" in said["ldh"][2]
    assert "nothing to score" in said["synergy"][2]
    assert "nothing grew" in said["xenograft"][1]


def test_one_concentration_gives_no_ec50(analysed: Callable[..., tuple[int, str, str]]) -> None:
    said = {verb: analysed(verb, everywhere(make(), dose, "7")) for verb, (make, dose) in FILES.items()}
    assert {verb: code for verb, (code, _, _) in said.items() if code == 2} == dict.fromkeys(
        ("dose-response", "gr", "synergy", "xenograft"), 2
    )
    assert "too few readings" in said["dose-response"][2]
    assert "1 concentrations" in said["gr"][2]
    assert "EC50" not in said["ldh"][1]  # the lysis at that one concentration is a number, and is given


def test_a_block_names_the_well_of_a_mangled_number(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    numbers = np.round(np.linspace(1, 2, 96), 3).astype(str).reshape(8, 12)
    numbers[2, 4] = "3-May"
    file, layout = tmp_path / "block.csv", tmp_path / "layout.csv"
    head = "," + ",".join(map(str, range(1, 13)))
    file.write_text("\n".join([head, *(f"{'ABCDEFGH'[i]},{','.join(row)}" for i, row in enumerate(numbers))]))
    layout.write_text("well,compound,concentration (nM)\n" + "\n".join(
        f"{'ABCDEFGH'[i]}{j + 1},X,{10**j / 1e4:g}" for i in range(8) for j in range(12)))  # fmt: skip
    assert run(["analyse", "dose-response", str(file), "--layout", str(layout)]) == 2
    said = capsys.readouterr().err
    assert "line 4" in said
    assert "well C5" in said
    assert "3.5, 3-5 or 3/5" in said


@pytest.mark.parametrize("text", ["12.5", "-3", "1e5", "", "beta", "4.2.0", "A1", "10 nM"])
def test_what_is_no_known_accident_is_not_explained(text: str) -> None:
    assert what_happened(text) == ""
