"""What the page rests on: the assumed and recalled numbers, and the sources."""

from __future__ import annotations

from collections.abc import Iterator

from cereblon.bedside.toxicity import ctcae
from cereblon.ground.quantity import Quantity
from cereblon.ground.vocabulary import vocabulary
from cereblon.model import Model
from cereblon.records import sources
from cereblon.records.dlt import definition
from cereblon.records.population import population
from cereblon.show.bedside import DEFINITION
from cereblon.show.sections.section import Listing, Section
from cereblon.show.sections.treatment import COUNTED
from cereblon.show.study import PRIMARY, WEAK_GRADES, Study
from cereblon.show.treatment import REGIMENS, STRUCTURES


def assumptions(study: Study) -> Section:
    """Every number behind the page that was neither measured nor read."""
    rows = []
    numbers = list(used(study))
    for address, q in numbers:
        if q.grade not in WEAK_GRADES:
            continue
        word = vocabulary().get(address.partition(" ")[0].partition("@")[0].split(".")[-1])
        rows.append({
            "address": address, "what": word.meaning if word else "", "value": str(q),
            "range": "" if q.low is None or q.high is None else f"{q.low:g} – {q.high:g}",
            "grade": q.grade, "why": q.note,
        })  # fmt: skip
    words = (
        f"The figures above were computed from {len(numbers)} numbers. {len(rows)} of them are assumptions, "
        "recollections or hearsay; they follow, each with the range that it is held to. All the others are in the "
        "records of the package.",
    )
    return Section("assumptions", "What is assumed", words, (Listing("assumptions", "", rows),))


def cited(study: Study) -> Section:
    """The sources, in the order of their first use."""
    known = sources()
    count: dict[str, int] = {}
    for _, q in used(study):
        count[q.source] = count.get(q.source, 0) + 1
    said = {
        "primary": "the paper or abstract itself",
        "label": "the label",
        "secondary": "a work that quotes it",
        "recalled": "recalled, not re-read",
        "": "",
    }
    rows = []
    for key, numbers in count.items():
        source = known.get(key)
        rows.append({
            "source": source.citation if source else key, "doi": source.doi if source else "",
            "read": said.get(source.read, source.read) if source else "given by the user", "numbers": numbers,
        })  # fmt: skip
    return Section("sources", "Sources", (), (Listing("sources", "", rows),))


def used(study: Study) -> Iterator[tuple[str, Quantity]]:
    """The numbers that the page's models read, each once: address and quantity."""
    seen: set[str] = set()
    for model in _models(study):
        for slot, q in model.values.items():
            address = slot.replace("@T_cell", "").replace("@marrow", "") if _common(q, model, slot) else slot
            address = address.replace("@tumour", "")
            if address not in seen:
                seen.add(address)
                yield address, q
    if not study.treatment.absent:
        yield from _patients(study)


def _models(study: Study) -> Iterator[Model]:
    from cereblon.bench.selectivity import PANEL
    from cereblon.model import blood, culture, dish
    from cereblon.model import patient as patient_model

    for glue in study.glues:
        yield dish(glue, study.line, study.recruited(glue, PANEL) or study.recruited(glue, study.substrates))
        if glue.name in study.patients:
            yield patient_model(glue, study.tissues, study.recruited(glue, study.substrates), body=study.body)
        if set(study.recruited(glue, PRIMARY)) == set(PRIMARY):
            yield from (culture(glue, study.line), blood(glue))
    if not study.treatment.absent:
        yield from (study.treatment.typical(name).model for name in REGIMENS)


def _patients(study: Study) -> Iterator[tuple[str, Quantity]]:
    """What no model holds: doses, the spread of the populations, how a trial sees its patients, when doses are held and
    limited, and where grades of adverse events begin."""
    for name in REGIMENS:
        for row in study.treatment.regimens[name].rows:
            yield f"{name}.{row.drug.name}.dose", row.amount
    first: dict[str, Quantity] = {}
    for structure, said in STRUCTURES.items():
        who = population(structure)
        own = {a.removeprefix(f"{who.name}."): q for a, q in who.values.items()}
        own |= {f"correlation of {pair.one} and {pair.other}": pair.value for pair in who.correlations}
        mark = f" ({said.partition(':')[0]})" if first else ""
        yield from ((f"{address}{mark}", q) for address, q in own.items() if first.get(address) != q)
        first = first or own
    for record in (study.bedside.plan.protocol, study.bedside.plan.policy, definition(DEFINITION)):
        yield from record.values.items()
    criteria = ctcae()
    for test in COUNTED:
        for number, limit in criteria.cutoffs[test].severe.items():
            yield f"CTCAE {criteria.version}, {test}, grade {number}", limit


def _common(q: Quantity, model: object, slot: str) -> bool:
    """Whether a cell's number is that of the common cell, and so the same at every place."""
    return "@" in slot and q.note.startswith("common cell")
