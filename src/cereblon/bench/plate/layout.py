"""Layout: which well of which plate holds what."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike, NDArray

from cereblon.bench.plate.readings import BLANK, POSITIVE, SAMPLE, UNTREATED, Floats, Words
from cereblon.ground.errors import InputError

if TYPE_CHECKING:
    import pandas as pd

SIZES = {96: (8, 12), 384: (16, 24)}


@dataclass(frozen=True)
class Treatment:
    """What goes into a well: a compound, and for combinations a partner (nM). `role` as in `Readings`."""

    compound: str = ""
    concentration: float = 0.0
    partner: str = ""
    partner_concentration: float = 0.0
    role: str = SAMPLE


@dataclass(frozen=True, eq=False)
class Layout:
    """Wells of one plate or several: one entry a well in every column. Made by `layout`.

    `apart`: each replicate has plates of its own, and with them a run of the experiment of its own.
    """

    plate: Words
    well: Words
    role: Words
    compound: Words
    concentration: Floats
    partner: Words
    partner_concentration: Floats
    replicate: Floats
    edge: NDArray[np.bool_]
    size: int
    apart: bool = False

    @property
    def count(self) -> int:
        """How many wells are filled."""
        return int(self.well.size)

    @property
    def plates(self) -> tuple[str, ...]:
        """The plates' names."""
        return tuple(dict.fromkeys(self.plate.tolist()))

    def response(
        self,
        curves: Mapping[str, tuple[ArrayLike, ArrayLike]],
        *,
        untreated: float = 1.0,
        positive: float = 0.0,
        blank: float = 0.0,
    ) -> Floats:
        """What each well holds, without noise: for samples the value of their compound's curve at their concentration.

        `curves` compound -> (concentrations in nM, values); a concentration of 0 is `untreated`. Raises InputError for
        a compound or a concentration that no curve has: nothing is read between the points.
        """
        fixed = {UNTREATED: untreated, POSITIVE: positive, BLANK: blank}
        out = np.array([fixed.get(role, np.nan) for role in self.role])
        tables = {
            name: dict(zip(np.asarray(x, dtype=float).tolist(), np.asarray(y, dtype=float).tolist(), strict=True))
            for name, (x, y) in curves.items()
        }
        for row in np.flatnonzero(np.isnan(out)):
            compound, concentration = str(self.compound[row]), float(self.concentration[row])
            table = tables.get(compound, {})
            if concentration not in table and (concentration > 0 or not compound):
                raise InputError("no value is given for a well", where=f"{self.plate[row]} {self.well[row]}",
                                 found=f"{concentration:g} nM {compound or 'of nothing'}, {self.role[row]}",
                                 expected="a curve of that compound with that concentration")  # fmt: skip
            out[row] = table.get(concentration, untreated)
        return out

    def table(self) -> pd.DataFrame:
        """One row a well: plate, well, role, compound, concentration (nM), partner, its concentration, replicate."""
        import pandas as pd

        names = ("plate", "well", "role", "compound", "concentration", "partner", "partner_concentration")
        columns = {name: getattr(self, name) for name in names}
        return pd.DataFrame(columns | {"replicate": self.replicate.astype(int), "edge": self.edge})

    def __str__(self) -> str:
        roles = ", ".join(f"{int((self.role == r).sum())} {r}" for r in dict.fromkeys(self.role.tolist()))
        return f"{len(self.plates)} plate{'s' * (len(self.plates) > 1)} of {self.size} wells: {roles}"


def serial(highest: float, points: int = 8, fold: float = 3.0) -> Floats:
    """A dilution series, ascending: `points` concentrations down from `highest`, each `fold` below the last.

    >>> serial(1000, 4, 10).tolist()
    [1.0, 10.0, 100.0, 1000.0]
    """
    if not (np.isfinite(highest) and highest > 0 and np.isfinite(fold) and fold > 1 and points >= 1):
        raise InputError("a dilution series runs down from a concentration, by a fold above 1",
                         found=f"{highest:g}, {points} points, {fold:g}-fold",
                         example="serial(1000, 8, 3)")  # fmt: skip
    return np.array([highest / fold**k for k in range(points)])[::-1].copy()


def series(compounds: str | Iterable[str], concentrations: ArrayLike) -> tuple[Treatment, ...]:
    """Each compound at each concentration (nM)."""
    names = [compounds] if isinstance(compounds, str) else list(compounds)
    doses = _doses(concentrations)
    return tuple(Treatment(name, float(dose)) for name in names for dose in doses)


def matrix(first: str, doses: ArrayLike, second: str, other_doses: ArrayLike) -> tuple[Treatment, ...]:
    """Every combination of two compounds (nM), each also alone, and neither (0 is added where it is not given)."""
    ours, theirs = (np.unique(_doses(np.append(0.0, given))) for given in (doses, other_doses))
    pairs = [(float(a), float(b)) for a in ours for b in theirs]
    neither = Treatment(role=UNTREATED)
    return tuple(Treatment(first, a, second, b) if a or b else neither for a, b in pairs)


def layout(
    treatments: Iterable[Treatment],
    *,
    replicates: int = 3,
    size: int = 96,
    untreated: int = 6,
    positive: int = 0,
    blank: int = 3,
    others: Sequence[Treatment] = (),
    edge: bool = True,
    apart: bool = False,
    seed: int | None = None,
    plate: str = "P",
) -> Layout:
    """Place every treatment `replicates` times, with its controls on each plate, on as many plates as it takes.

    `untreated`, `positive` and `blank` are wells a plate; `others` are further controls, a well each on every plate.
    `edge` False leaves the outermost wells empty. `apart` gives each replicate plates of its own. With `seed` the wells
    are shuffled; without, controls fill columns from the left and samples rows from the top. Raises InputError for
    a size other than 96 or 384, or for controls that fill a plate.

    >>> print(layout(series("mezigdomide", serial(100, 8)), replicates=3))
    1 plate of 96 wells: 6 untreated, 3 blank, 24 sample
    """
    if size not in SIZES:
        raise InputError("a plate has 96 or 384 wells", found=str(size), example="384")
    wanted = list(treatments)
    numbers = {"replicates": replicates, "untreated": untreated, "positive": positive, "blank": blank}
    for what, number in numbers.items():
        if isinstance(number, bool) or not isinstance(number, int) or number < (what == "replicates"):
            raise InputError(f"{what}: a whole number of wells is needed", found=repr(number), example="3")
    if not wanted:
        raise InputError("there is nothing to place", expected="treatments", example='series("mezigdomide", [1, 10])')
    controls = [Treatment(role=role) for role, n in ((UNTREATED, untreated), (POSITIVE, positive), (BLANK, blank))
                for _ in range(n)] + list(others)  # fmt: skip
    wells = places(size, edge)
    room = len(wells) - len(controls)
    if room < 1:
        raise InputError("the controls leave no well for samples", found=f"{len(controls)} controls",
                         expected=f"fewer than {len(wells)}")  # fmt: skip
    runs = [[(t, r + 1) for t in wanted] for r in range(replicates)]
    batches = runs if apart else [[one for run in runs for one in run]]
    rows: list[tuple[str, str, Treatment, int]] = []
    for number, (part, run) in enumerate(
        (batch[i : i + room], r) for r, batch in enumerate(batches) for i in range(0, len(batch), room)
    ):
        name = f"{plate}{number + 1}"
        rows += _filled(name, part, [(c, run + 1 if apart else 1) for c in controls], wells, seed)
    return _columns(rows, size, apart)


def places(size: int, edge: bool = True) -> list[str]:
    """The names of the wells, row by row, with the outermost ones or without."""
    rows, columns = SIZES[size]
    inner = 0 if edge else 1
    return [f"{chr(65 + r)}{c + 1}" for r in range(inner, rows - inner) for c in range(inner, columns - inner)]


def split(well: str) -> tuple[int, int]:
    """Row and column of a well, from 0: C7 is (2, 6)."""
    return ord(well[0]) - 65, int(well[1:]) - 1


def on_edge(well: str, size: int) -> bool:
    """Whether a well is one of the outermost."""
    rows, columns = SIZES[size]
    row, column = split(well)
    return row in (0, rows - 1) or column in (0, columns - 1)


def _doses(concentrations: ArrayLike) -> Floats:
    column = np.atleast_1d(np.asarray(concentrations, dtype=np.float64))
    if column.ndim != 1 or not column.size or not (np.isfinite(column) & (column >= 0)).all():
        raise InputError("concentrations in nM, not below 0", found=str(column), example="[0.1, 1, 10]")
    return column


def _filled(
    plate: str,
    samples: list[tuple[Treatment, int]],
    controls: list[tuple[Treatment, int]],
    wells: list[str],
    seed: int | None,
) -> list[tuple[str, str, Treatment, int]]:
    """The rows of one plate: controls down the columns, samples along the rows; all of it shuffled by `seed`."""
    down = sorted(wells, key=lambda w: split(w)[::-1])[: len(controls)]
    taken = set(down)
    order = [*down, *(w for w in wells if w not in taken)]
    if seed is not None:
        from cereblon.bench.plate.noise import stream

        order = [wells[i] for i in stream(seed, plate, "places").permutation(len(wells))]
    filled = zip(order, [*controls, *samples], strict=False)
    return [(plate, well, what, run) for well, (what, run) in sorted(filled, key=lambda one: split(one[0]))]


def _columns(rows: list[tuple[str, str, Treatment, int]], size: int, apart: bool) -> Layout:
    treatments = [row[2] for row in rows]
    return Layout(
        plate=np.array([row[0] for row in rows]),
        well=np.array([row[1] for row in rows]),
        role=np.array([t.role for t in treatments]),
        compound=np.array([t.compound for t in treatments]),
        concentration=np.array([t.concentration for t in treatments]),
        partner=np.array([t.partner for t in treatments]),
        partner_concentration=np.array([t.partner_concentration for t in treatments]),
        replicate=np.array([float(row[3]) for row in rows]),
        edge=np.array([on_edge(row[1], size) for row in rows]),
        size=size,
        apart=apart,
    )
