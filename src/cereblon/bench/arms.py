"""Arms of a study in mice: which drugs, how much per body weight, on which days.

    vehicle
    mezigdomide                                      the usual dose and days of the design
    mezigdomide 0.3 mg/kg days 1-21
    mezigdomide 0.1 mg/kg + dexamethasone            a combination

Days count from 1, the day of the first measurement (day 0 of the volumes): a dose of day 1 follows the reading of day
0.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from cereblon.ground.errors import DoseError, InputError
from cereblon.ground.quantity import Quantity
from cereblon.model.mouse import in_mouse
from cereblon.network.dosing import Dose
from cereblon.records.compound import Compound, compound
from cereblon.records.design import Design
from cereblon.records.host import Host
from cereblon.records.regimen import dose

NOTHING = ("vehicle", "control", "none", "")
_JOINER = re.compile(r"\s+\+\s+|(?<=[A-Za-z_])\+(?=[A-Za-z])")
_PART = re.compile(
    r"(?P<drug>\S+)(?:\s+(?P<amount>[0-9.]+(?:[eE][+-]?[0-9]+)?\s*[A-Za-zµμ]+/kg))?(?:\s+days\s+(?P<days>[0-9,\s-]+))?"
)
_EXAMPLE = "mezigdomide 0.1 mg/kg days 1-21 + dexamethasone"


@dataclass(frozen=True)
class Treatment:
    """One drug of an arm: `amount` per body weight, on `days` (text) of the study."""

    drug: Compound
    amount: Quantity
    days: str

    def doses(self, strain: Host) -> tuple[Dose, ...]:
        """The dosing table of one mouse of the strain."""
        mass = Quantity(self.amount.coherent * strain["weight"].coherent, "g")  # g per g of mouse, times the mouse
        last = max(int(number) for number in re.findall(r"\d+", self.days))
        return dose(in_mouse(self.drug, strain), mass, days=self.days, cycle=f"{last} d").doses()

    def __str__(self) -> str:
        return f"{self.drug.symbol} {self.amount}, days {self.days}"


@dataclass(frozen=True)
class Arm:
    """A group of mice that get the same; without treatments it gets the vehicle."""

    name: str
    treatments: tuple[Treatment, ...] = ()

    def doses(self, strain: Host) -> tuple[Dose, ...]:
        """The dosing table of one mouse of the strain."""
        return tuple(row for treatment in self.treatments for row in treatment.doses(strain))

    def __str__(self) -> str:
        return f"{self.name}: {' + '.join(map(str, self.treatments)) or 'no drug'}"


def arms_of(given: Iterable[str | Arm] | Mapping[str, str | Arm | None], design: Design) -> tuple[Arm, ...]:
    """The arms of texts, or of a mapping of names to texts (None for the vehicle); the vehicle is the arm without drug.

    Raises InputError for a text that is no arm, a drug without a usual dose, two arms of one name, no vehicle or more
    than one.

    >>> from cereblon.records.design import design
    >>> print(arms_of(["vehicle", "mezigdomide 0.3 mg/kg days 1-5"], design())[1])
    mezigdomide: mezigdomide 0.3 mg/kg, days 1-5
    """
    if isinstance(given, Mapping):
        made = [_arm(text, design, str(name)) for name, text in given.items()]
    else:
        made = [_arm(text, design) for text in given]
    named = _told_apart(made)
    vehicles = [arm.name for arm in named if not arm.treatments]
    if len(vehicles) != 1:
        raise InputError("a study has one arm without a drug", where="arms", found=", ".join(a.name for a in named),
                         expected="vehicle among them, once", example=f'["vehicle", "{_EXAMPLE}"]')  # fmt: skip
    if len(named) < 2:
        raise InputError("a study compares two arms or more", where="arms", found=named[0].name, example=_EXAMPLE)
    return named


def combinations(arms: Sequence[Arm]) -> dict[str, tuple[str, ...]]:
    """Arm -> the arms of its single treatments, for every combination all of whose singles are there, dose for dose."""
    single = {arm.treatments[0]: arm.name for arm in arms if len(arm.treatments) == 1}
    return {
        arm.name: tuple(single[t] for t in arm.treatments)
        for arm in arms
        if len(arm.treatments) > 1 and all(t in single for t in arm.treatments)
    }


def _arm(text: str | Arm | None, design: Design, name: str = "") -> Arm:
    if isinstance(text, Arm):
        return text
    words = (text or "").strip()
    if not isinstance(words, str):
        raise InputError("an arm is a text", where="arms", found=repr(text), example=_EXAMPLE)
    if words.casefold() in NOTHING:
        return Arm(name or words or "vehicle")
    treatments = tuple(_treatment(part, design, name or words) for part in _JOINER.split(words))
    drugs = [t.drug.name for t in treatments]
    if len(set(drugs)) < len(drugs):
        raise InputError("a drug stands twice in an arm", where=name or words, found=", ".join(drugs))
    return Arm(name or " + ".join(drugs), treatments)


def _treatment(text: str, design: Design, where: str) -> Treatment:
    match = _PART.fullmatch(text.strip())
    if match is None:
        raise InputError("this is no treatment of a mouse", where=where, found=text,
                         expected="a drug, an amount per kg, days", example=_EXAMPLE)  # fmt: skip
    drug = compound(match["drug"])
    days = match["days"] or design.days.get(drug.name)
    if match["amount"]:
        amount = Quantity.parse(match["amount"])
        amount = Quantity(amount.value, amount.unit, source="user", grade="assumed")
    elif f"{drug.name}.dose" in design:
        amount = design[f"{drug.name}.dose"]
    else:
        raise DoseError("this drug has no usual dose in mice", where=where, found=drug.name,
                        expected="an amount per body weight", example=f"{drug.name} 1 mg/kg days 1-21")  # fmt: skip
    if not amount.value > 0 or not days:
        raise DoseError("a treatment has an amount above 0 and days", where=where, found=text,
                        example=f"{drug.name} 1 mg/kg days 1-21")  # fmt: skip
    return Treatment(drug, amount, re.sub(r"\s", "", days))


def _told_apart(made: Sequence[Arm]) -> tuple[Arm, ...]:
    """Arms of the same drugs are named by their doses; what then still has one name is refused."""
    names = [arm.name for arm in made]
    named = []
    for arm in made:
        twice = names.count(arm.name) > 1 and arm.treatments
        name = " + ".join(f"{t.drug.name} {t.amount}" for t in arm.treatments) if twice else arm.name
        named.append(Arm(name, arm.treatments))
    found = [arm.name for arm in named]
    again = [name for name in found if found.count(name) > 1]
    if again:
        raise InputError("two arms have one name", where="arms", found=again[0], example="low=..., high=...")
    return tuple(named)
