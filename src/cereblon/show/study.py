"""What a page is about: one compound beside the six, in a cell line and in a patient, with a user's changes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from cereblon.ground.errors import AddressError, InputError
from cereblon.ground.quantity import Quantity
from cereblon.ground.vocabulary import nearest
from cereblon.model import Model
from cereblon.model.patient import CELLS as TISSUES
from cereblon.model.whole import CELLS
from cereblon.records import Cell, Compound, Patient, cell, compound, partners, patient
from cereblon.records.record import Record

if TYPE_CHECKING:
    from cereblon.show.bedside import Bedside
    from cereblon.show.treatment import Treatment

SIX = ("thalidomide", "lenalidomide", "pomalidomide", "avadomide", "iberdomide", "mezigdomide")
IN_PATIENTS = ("mezigdomide", "iberdomide", "pomalidomide", "lenalidomide")
GUIDE = "mezigdomide"  # the compound that the guide speaks of
UNKNOWN_DOSE = "1 mg"  # of a compound without a regimen on record
PRIMARY = ("IKZF1", "IKZF3")
REFERENCE = "lenalidomide"
TIMES = ("1 h", "4 h", "24 h")  # of the dose-response assays
HELD = (10.0, 1000.0)  # nM, of the time courses
WEAK_GRADES = ("assumed", "recalled", "anecdote")


@dataclass(frozen=True)
class Study:
    """`focus` is the compound that was asked for, `glues` all that are compared, `cells` who stands where.

    `partners` are the drugs that glues are given with, `changes` what was set of cells and body, by slot of a model,
    `size` the number of patients of a cohort, `replicates` that of simulated trials, and a `quick` page is one whose
    estimates have no intervals.
    """

    focus: Compound
    glues: tuple[Compound, ...]
    cells: Mapping[str, Cell]
    body: Patient
    dose: str = ""
    seed: int = 1
    size: int = 100
    partners: tuple[Compound, ...] = ()
    changes: Mapping[str, str] = field(default_factory=dict)
    replicates: int = 20
    quick: bool = False

    @property
    def line(self) -> Cell:
        """The cell of the dish, which is that of the patient's tumour."""
        return self.cells["tumour"]

    @property
    def tissues(self) -> dict[str, Cell]:
        """The cells of a patient whose ligase alone is followed."""
        return {place: self.cells[place] for place in TISSUES}

    @cached_property
    def treatment(self) -> Treatment:
        """The focus as patients get it, with its partners."""
        from cereblon.show.treatment import Treatment

        return Treatment(self)

    @cached_property
    def bedside(self) -> Bedside:
        """The trials of the focus."""
        from cereblon.show.bedside import Bedside

        return Bedside(self)

    def changes_in(self, model: Model) -> dict[str, str]:
        """What was set of cells and body, as far as a model reads it: slot -> number."""
        # what an antibody finds in the blood is the patient's, and stands at central
        slots = {slot: value for a, value in self.changes.items() for slot in (a, f"{a}@central")}
        return {slot: value for slot, value in slots.items() if slot in model.values}

    @property
    def names(self) -> tuple[str, ...]:
        """The compounds' names, in the order of every figure."""
        return tuple(glue.name for glue in self.glues)

    def glue(self, name: str) -> Compound:
        """A compound of the study by name."""
        return next(g for g in self.glues if g.name == name)

    @property
    def substrates(self) -> tuple[str, ...]:
        """IKZF1, IKZF3 and, where the focus recruits others alone, those: what curves are drawn of."""
        own = tuple(s for s in self.focus.neosubstrates if self.knows(s))
        return PRIMARY if any(s in own for s in PRIMARY) else (own[0], *PRIMARY) if own else PRIMARY

    def knows(self, protein: str) -> bool:
        """Whether the cell has the numbers of a protein."""
        return f"{protein}.total" in self.line

    def recruited(self, glue: Compound, among: tuple[str, ...]) -> tuple[str, ...]:
        """Those of `among` that a glue has a constant for and the cell has numbers of."""
        return tuple(s for s in among if s in glue.neosubstrates and self.knows(s))

    def spread(self, result: Any, draws: int) -> Any:
        """The result with the records' intervals, by `draws` of them; as it is on a quick page."""
        return result if self.quick else result.spread(draws, self.seed)

    def ranges(self, draws: int, of: str = "") -> str:
        """What a caption says of such intervals."""
        if self.quick:
            return "A quick page: no intervals were drawn."
        beside = f", for {of}," if of else ""
        return f"In brackets{beside} the 95 % range of {draws} draws of the records' intervals (seed {self.seed})"

    @property
    def with_assumed_affinity(self) -> frozenset[str]:
        """Compounds whose own affinity is an assumption: dashed wherever a dish is drawn."""
        return frozenset(g.name for g in self.glues if g["CRBN.Kd"].grade == "assumed")

    @property
    def with_assumed_pk(self) -> frozenset[str]:
        """Compounds whose clearance is an assumption."""
        return frozenset(g.name for g in self.glues if "CL_F" in g and g["CL_F"].grade == "assumed")

    @property
    def patients(self) -> tuple[str, ...]:
        """Compounds drawn in a patient: the focus where it has a dose, and those with a dose in use."""
        first = (self.focus.name,) if self.has_dose(self.focus.name) else ()
        return tuple(dict.fromkeys((*first, *IN_PATIENTS)))

    def has_dose(self, glue: str) -> bool:
        """Whether a dose was given, is on record, or may be assumed: only for a compound of the user's own."""
        from cereblon.records.regimen import regimens

        return f"{glue}_21_28" in regimens() or (glue == self.focus.name and (bool(self.dose) or glue not in SIX))

    def amount(self, glue: str) -> str | Quantity:
        """What a patient takes a day: what the user gave, else the dose on record, else an assumption."""
        from cereblon.records.regimen import regimen, regimens

        if glue == self.focus.name and self.dose:
            return self.dose
        return regimen(f"{glue}_21_28").rows[0].amount if f"{glue}_21_28" in regimens() else UNKNOWN_DOSE

    def guessed(self, glue: str) -> bool:
        """Whether that is an assumption of the page: neither given nor on record."""
        from cereblon.records.regimen import regimens

        return f"{glue}_21_28" not in regimens() and not (glue == self.focus.name and self.dose)


def study(
    name_or_path: str | Path,
    changes: Mapping[str, str] | None = None,
    dose: str = "",
    seed: int = 1,
    size: int = 100,
    replicates: int = 20,
    quick: bool = False,
) -> Study:
    """The study of a shipped compound or of a user's file; `changes` as `--set` gives them, `dose` ("1 mg") what
    the patient takes a day of it, `size` the number of patients of a cohort, `replicates` that of simulated trials,
    `quick` for estimates without intervals.

    Raises InputError for what is not a glue, AddressError for an address that no record of the study has.
    """
    focus = compound(name_or_path)
    if focus.kind != "glue":
        raise InputError(
            "a page is made for a glue", where=str(name_or_path), found=focus.kind, expected='kind = "glue"'
        )
    others = [compound(n) for n in SIX if n != focus.name]
    ordered = sorted([*others, focus], key=lambda g: SIX.index(g.name) if g.name in SIX else len(SIX))
    if dose:
        focus.amount(dose)  # refuses what is no dose
    beside = tuple(compound(name) for name in partners())
    made = Study(focus, tuple(ordered), {p: cell(c) for p, c in CELLS.items()}, patient(), dose, seed, size, beside,
                 replicates=replicates, quick=quick)  # fmt: skip
    return _changed(made, dict(changes or {}))


def _changed(made: Study, changes: dict[str, str]) -> Study:
    glues, beside = ({d.name: d for d in some} for some in (made.glues, made.partners))
    cells = dict(made.cells)
    body = made.body
    placed: dict[str, str] = {}
    for address, value in changes.items():
        name, at, place = address.partition("@")
        record, _, _inside = name.partition(".")
        places = [
            p for p, line in cells.items() if (at and place in (p, line.name)) or (not at and record == line.name)
        ]
        drugs = [table for table in (glues, beside) if record in table and not at]
        if drugs:
            drugs[0][record] = drugs[0][record].replace({address: value})
        elif places:
            for p in places:
                known(cells[p], name, address)
                cells[p] = cells[p].replace({cells[p].address(name): value})
                placed[f"{name.removeprefix(f'{cells[p].name}.')}@{p}"] = value
        elif record == body.name or address in body:
            body = body.replace({address: value})
            placed[address.removeprefix(f"{body.name}.")] = value
        else:
            raise _unknown(address, [*glues.values(), *beside.values(), *cells.values(), body], cells)
    return replace(
        made,
        focus=glues[made.focus.name],
        glues=tuple(glues.values()),
        partners=tuple(beside.values()),
        cells=cells,
        body=body,
        changes=placed,
    )


def known(record: Record, inside: str, address: str) -> None:
    """AddressError, naming the nearest, unless the record has this number."""
    if inside not in record:
        close = nearest(record.address(inside), record.values)
        raise AddressError(
            f"{record.name} has no such number",
            where="--set",
            found=address,
            expected=f"the nearest is {close}" if close else "",
        )


def _unknown(address: str, records: list[Record], cells: Mapping[str, Cell]) -> AddressError:
    fits = [f"{address}@{place}" for place, line in cells.items() if address in line]
    if fits:
        return AddressError(
            f"this address fits {len(fits)} places", where="--set", found=address, expected=f"one of {', '.join(fits)}"
        )
    everything = [a for record in records for a in record]
    close = nearest(address, everything)
    return AddressError(
        "unknown address",
        where="--set",
        found=address,
        expected=f"the nearest is {close}" if close else "an address of a compound, a cell or the patient",
        example="mezigdomide.CRBN.Kd",
    )
