"""What a page is about: one compound beside the six, in a cell line and in a patient, with a user's changes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from cereblon.ground.errors import AddressError, InputError
from cereblon.ground.vocabulary import nearest
from cereblon.model.patient import CELLS
from cereblon.records import Cell, Compound, Patient, cell, compound, patient
from cereblon.records.record import Record

SIX = ("thalidomide", "lenalidomide", "pomalidomide", "avadomide", "iberdomide", "mezigdomide")
IN_PATIENTS = ("mezigdomide", "iberdomide", "pomalidomide", "lenalidomide")
PRIMARY = ("IKZF1", "IKZF3")
REFERENCE = "lenalidomide"
TIMES = ("1 h", "4 h", "24 h")  # of the dose-response assays
HELD = (10.0, 1000.0)  # nM, of the time courses
WEAK_GRADES = ("assumed", "recalled", "anecdote")


@dataclass(frozen=True)
class Study:
    """`focus` is the compound that was asked for, `glues` all that are compared, `cells` who stands where."""

    focus: Compound
    glues: tuple[Compound, ...]
    cells: Mapping[str, Cell]
    body: Patient
    dose: str = ""
    seed: int = 1

    @property
    def line(self) -> Cell:
        """The cell of the dish, which is that of the patient's tumour."""
        return self.cells["tumour"]

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


def study(name_or_path: str | Path, changes: Mapping[str, str] | None = None, dose: str = "", seed: int = 1) -> Study:
    """The study of a shipped compound or of a user's file; `changes` as `--set` gives them, `dose` ("1 mg") what
    the patient takes a day of it.

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
    made = Study(focus, tuple(ordered), {p: cell(c) for p, c in CELLS.items()}, patient(), dose, seed)
    return _changed(made, dict(changes or {}))


def _changed(made: Study, changes: dict[str, str]) -> Study:
    glues = {g.name: g for g in made.glues}
    cells = dict(made.cells)
    body = made.body
    for address, value in changes.items():
        name, at, place = address.partition("@")
        record, _, _inside = name.partition(".")
        places = [
            p for p, line in cells.items() if (at and place in (p, line.name)) or (not at and record == line.name)
        ]
        if not at and record in glues:
            glues[record] = glues[record].replace({address: value})
        elif places:
            for p in places:
                known(cells[p], name, address)
                cells[p] = cells[p].replace({cells[p].address(name): value})
        elif record == body.name or address in body:
            body = body.replace({address: value})
        else:
            raise _unknown(address, [*glues.values(), *cells.values(), body], cells)
    return replace(made, focus=glues[made.focus.name], glues=tuple(glues.values()), cells=cells, body=body)


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
