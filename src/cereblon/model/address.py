"""Which slot of a model an address means: exact, by place, by the record that stands at a place, or refused.

CRBN.total@tumour       the slot itself
H929.CRBN.total         the same, where H929 stands at the tumour; CRBN.total@H929 too
CRBN.total              the same, where only one place has it; refused with the matches where several do
typical.tumour.volume   a record without a place (patient, dish) stands before its own addresses
"""

from __future__ import annotations

from collections.abc import Collection, Mapping

from cereblon.ground.errors import AddressError
from cereblon.ground.vocabulary import nearest

_SHOWN = 8


def resolve(address: str, known: Collection[str], stands: Mapping[str, str], where: str = "") -> str:
    """The one member of `known` that `address` names.

    `stands` maps a place to the name of the record that stands there; under "" stand the records without a
    place, their names split by blanks. Raises AddressError for an address that fits several, or none.
    """
    if address in known:
        return address
    found = [a for a in dict.fromkeys(_readings(address, stands)) if a in known]
    if not found and "@" not in address:
        found = [k for k in known if k.partition("@")[0] == address]
    if len(found) == 1:
        return found[0]
    if found:
        raise AddressError(
            f"this address fits {len(found)} places",
            where=where,
            found=address,
            expected=f"one of {', '.join(found[:_SHOWN])}",
            example=found[0],
        )
    close = _nearest(address, known, stands)
    raise AddressError(
        "unknown address",
        where=where,
        found=address,
        expected=f"the nearest is {close}" if close else "an address of this model",
        example=close,
    )


def _readings(address: str, stands: Mapping[str, str]) -> list[str]:
    name, _, at = address.partition("@")
    record, _, rest = name.partition(".")
    placed = [(place, standing) for place, standing in stands.items() if place]
    readings = [f"{name}@{place}" for place, standing in placed if at and standing == at]
    if rest and not at:
        readings += [f"{rest}@{place}" for place, standing in placed if standing == record]
        readings += [rest] if record in stands.get("", "").split() else []
    return readings


def _nearest(address: str, known: Collection[str], stands: Mapping[str, str]) -> str:
    """The known address most like this one, written the way it was written (with or without a place)."""
    name, _, at = address.partition("@")
    record, _, rest = name.partition(".")
    if at or not rest:
        return nearest(address, [*known, *{k.partition("@")[0] for k in known}])
    plain = {k.partition("@")[0]: k for k in reversed(list(known))}
    if record in stands.values():
        close = nearest(rest, plain)
        return f"{record}.{close}" if close else ""
    return nearest(address, plain)
