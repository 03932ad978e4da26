"""Compounds: what binds cereblon, how it closes it, what it recruits, and how it moves through the body; and the
partners that are given beside a glue and bind something else.

The least that a new glue needs is `CRBN.Kd`, `CRBN.K_c` and the `Kd` of one neosubstrate; the rest falls to
the defaults of its class (`data/compounds/defaults.toml`), graded `assumed`, and their notes say so.
An affinity belongs to an assay family: two families differ ten-fold for the same glue, so ratios are taken
within one.
Disposition (CL_F, V_F, ...) is that of a patient with myeloma. A partner needs its molar mass and a clearance (CL_F
by mouth, CL from the vein), and takes no class defaults: its equations ask for what they read.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import lru_cache
from pathlib import Path
from typing import Literal, Self

from pydantic import Field

from cereblon.ground.errors import DoseError, RecordError
from cereblon.ground.quantity import Quantity, unit
from cereblon.ground.vocabulary import printed, vocabulary
from cereblon.records.reader import DATA, Closed, Contents, Header, Shown, locate, read, shipped
from cereblon.records.record import Record

Family = Literal["FP", "cell_extract"]
_EXAMPLE = '[CRBN] Kd = {value = "12.6 nM", source = "...", grade = "measured"}'


class Status(Closed):
    """What is known of a neosubstrate that has no number."""

    status: Literal["unknown", "not degraded", "degraded"]
    source: Shown = Field(min_length=3, max_length=300)
    grade: Literal["measured", "label", "secondary", "derived", "recalled", "anecdote", "assumed"]
    note: Shown = Field(default="", max_length=600)


class _Header(Header):
    kind: Literal["glue", "bivalent", "partner"]
    affinity: Family = "FP"  # the family of a Kd that stands alone
    status: dict[str, Status] = Field(default_factory=dict)


class _Defaults(Header):
    disposition: list[str]  # taken all or none: a volume without its clearance is no default


@dataclass(frozen=True)
class Compound(Record):
    """A glue, a bivalent degrader, or a partner (which has no affinity to cereblon and recruits nothing).

    `affinity` is the assay family of its `CRBN.Kd`, `families` are those that the record has, `status` says
    what is known of neosubstrates without a number.

    >>> mezi = compound("mezigdomide")
    >>> print(mezi["CRBN.Kd"], mezi.affinity, mezi.neosubstrates[:2])
    12.6 nM FP ('IKZF1', 'IKZF3')
    """

    affinity: str = "FP"
    families: tuple[str, ...] = ("FP",)
    status: Mapping[str, Status] = field(default_factory=dict)

    __hash__ = Record.__hash__
    __str__ = Record.__str__

    @property
    def neosubstrates(self) -> tuple[str, ...]:
        """The proteins that this record says it recruits, in the file's order."""
        if self.kind == "partner":
            return ()
        return _recruited(a.removeprefix(f"{self.name}.") for a in self.values)

    @property
    def enters(self) -> str:
        """The species that a dose goes into: drug@gut by mouth, drug@subcutis under the skin, else drug@central."""
        place = "gut" if "CL_F" in self else "subcutis" if "ka" in self else "central"
        return f"{self.name}@{place}"

    @property
    def defaults(self) -> tuple[str, ...]:
        """Addresses whose numbers came from the class and not from this compound."""
        return tuple(a for a, q in self.values.items() if q.note.startswith("class default"))

    def replace(self, changes: Mapping[str, str | Quantity]) -> Self:
        """A copy with other numbers; a neosubstrate that gets a Kd loses its status."""
        copy = super().replace(changes)
        status = {s: known for s, known in self.status.items() if s not in copy.neosubstrates}
        return replace(copy, status=status)

    def amount(self, dose: str | Quantity) -> float:
        """nmol of this compound in a dose of "1 mg" or "2 umol". Raises DoseError for anything else."""
        quantity = dose if isinstance(dose, Quantity) else Quantity.parse(dose)
        if quantity.value < 0:
            raise DoseError("a dose is not negative", where=self.name, found=str(quantity), example="1 mg")
        if unit(quantity.unit).fits(unit("nmol")):
            return quantity.coherent
        if not unit(quantity.unit).fits(unit("g")):
            raise DoseError(
                "a dose is a mass or an amount", where=self.name, found=str(quantity), example="1 mg"
            )
        return quantity.coherent / self["molar_mass"].coherent


def compounds() -> tuple[str, ...]:
    """Names of the shipped compounds that bind cereblon.

    >>> "pomalidomide" in compounds()
    True
    """
    return tuple(name for name, kind in _kinds() if kind != "partner")


def partners() -> tuple[str, ...]:
    """Names of the shipped drugs that are given beside a glue.

    >>> "dexamethasone" in partners()
    True
    """
    return tuple(name for name, kind in _kinds() if kind == "partner")


@lru_cache(maxsize=1)
def _kinds() -> tuple[tuple[str, str], ...]:
    """(name, kind) of every shipped file; the files themselves are checked when they are read."""
    folder = DATA / "compounds"
    return tuple(
        (name, str(tomllib.loads((folder / f"{name}.toml").read_text("utf-8")).get("kind")))
        for name in shipped("compounds")
    )


def compound(name_or_path: str | Path, affinity: Family | None = None) -> Compound:
    """A compound by name, or from a user's `.toml` file, with `CRBN.Kd` of one assay family.

    Without `affinity` the family is FP where the record has it, else its only one. Raises InputError for an
    unknown name, RecordError for a faulty file or a family without a value.
    """
    contents = read(
        locate(name_or_path, "compounds", "compound"), _Header, lambda address: address == "CRBN.Kd"
    )
    where = str(name_or_path)
    _check_name(contents)
    values, families, family = _affinity(contents, affinity, where)
    _check_minimum(values, contents.header.kind, where)
    structure: Mapping[str, int] = contents.header.structure
    if contents.header.kind == "glue":
        values, structure = _with_defaults(values, structure, where)
    for word in contents.header.status:
        if word in values or f"{word}.Kd" in values or word not in vocabulary():
            raise RecordError(
                "a status is for a known neosubstrate without a Kd", where=f"{where}: status.{word}"
            )
    name = contents.name
    return Compound(
        name=name,
        symbol=contents.header.symbol or printed(name),
        kind=contents.header.kind,
        values={f"{name}.{address}": value for address, value in values.items()},
        structure=structure,
        note=contents.header.note,
        file=str(contents.file),
        affinity=family,
        families=families,
        status=contents.header.status,
    )


def _check_name(contents: Contents[_Header]) -> None:
    row = vocabulary().get(contents.name)
    if row is not None and row.kind != "compound":
        raise RecordError(
            "a compound cannot have the name of something else",
            where=str(contents.file),
            found=f"{contents.name} ({row.meaning})",
            expected="a new name",
            example="my_glue.toml",
        )


def _affinity(
    contents: Contents[_Header], asked: str | None, where: str
) -> tuple[dict[str, Quantity], tuple[str, ...], str]:
    """The values with one `CRBN.Kd`, the families of the record, and the family taken."""
    values = dict(contents.values)
    found = {a.rpartition(".")[2]: values.pop(a) for a in list(values) if a.startswith("CRBN.Kd.")}
    if "CRBN.Kd" in values:
        if found:
            raise RecordError(
                "CRBN.Kd stands alone and by family", where=f"{where}: CRBN.Kd", expected="one of the two"
            )
        found = {contents.header.affinity: values.pop("CRBN.Kd")}
    if not found:
        return values, (), asked or "FP"
    family = asked or ("FP" if "FP" in found else next(iter(found)))
    if family not in found:
        raise RecordError(
            "no affinity of this assay family is known",
            where=f"{where}: CRBN.Kd",
            found=family,
            expected=f"one of {', '.join(found)}",
            example=next(iter(found)),
        )
    return {"CRBN.Kd": found[family], **values}, tuple(found), family


def _recruited(addresses: object) -> tuple[str, ...]:
    pairs = (a.split(".") for a in addresses)  # type: ignore[attr-defined]
    return tuple(p[0] for p in pairs if len(p) == 2 and p[1] == "Kd" and p[0] != "CRBN")


def _check_minimum(values: Mapping[str, Quantity], kind: str, where: str) -> None:
    if kind == "partner":
        _check_partner(values, where)
        return
    for address in ("CRBN.Kd", "CRBN.K_c") if kind == "glue" else ("CRBN.Kd",):
        if address not in values:
            raise RecordError(
                f"{address} is missing",
                where=where,
                example=_EXAMPLE,
                expected=f"the least that a {kind} needs",
            )
    if not _recruited(values):
        raise RecordError(
            "no neosubstrate has a Kd",
            where=where,
            expected="the Kd of at least one",
            example='[IKZF1] Kd = {value = "63 nM", source = "...", grade = "assumed"}',
        )


def _check_partner(values: Mapping[str, Quantity], where: str) -> None:
    clearance = "CL" if "CL" in values else "CL_F"
    for address in ("molar_mass", clearance):
        if address not in values:
            raise RecordError(
                f"{address} is missing",
                where=where,
                expected="the molar mass of a partner and its clearance, CL or CL_F",
                example='CL = {value = "13 L/h", source = "...", grade = "secondary"}',
            )
    if any(address.startswith("CRBN.") for address in values):
        raise RecordError(
            "a partner does not bind cereblon", where=f"{where}: CRBN", expected='kind = "glue" for one that does'
        )


@lru_cache(maxsize=1)
def _class_defaults() -> Contents[_Defaults]:
    return read(DATA / "compounds" / "defaults.toml", _Defaults)


def _with_defaults(
    values: Mapping[str, Quantity], structure: Mapping[str, int], where: str
) -> tuple[dict[str, Quantity], dict[str, int]]:
    defaults = _class_defaults()
    integers = {**defaults.header.structure, **structure}
    left_out: set[str] = set()
    group = defaults.header.disposition
    own = [a for a in group if a in values]
    if own:
        left_out = set(group)
        integers["n_compartments"] = structure.get("n_compartments", (len(own) + 1) // 2)
        needed = group[
            : 2 * integers["n_compartments"]
        ]  # CL_F, V_F; Q_F, V2_F with the second compartment; ...
        if own != needed:
            raise RecordError(
                "the disposition does not fit its number of compartments",
                where=where,
                found=", ".join(own),
                expected=", ".join(needed),
            )
    out = dict(values)
    for address, value in defaults.values.items():
        if address not in out and address not in left_out:
            out[address] = replace(value, note="class default" + (f"; {value.note}" if value.note else ""))
    return out, integers
