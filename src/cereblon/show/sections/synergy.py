"""The bench: a glue and a partner in a matrix, against several references that need not agree."""

from __future__ import annotations

from cereblon import bench
from cereblon.bench.synergy import Synergy
from cereblon.show.figures.theme import name
from cereblon.show.sections.cells import not_simulated, subject
from cereblon.show.sections.section import Figure, Listing, Section
from cereblon.show.study import Study
from cereblon.show.synergy_plot import score, synergy_plot

PARTNERS = ("bortezomib", "dexamethasone")
AT = "3 d"
DRAWS = 20


def synergy(study: Study) -> Section:
    """A map a partner, and the scores of all references beside each other."""
    glue = subject(study)
    drugs = [next(p for p in study.partners if p.name == one) for one in PARTNERS]
    found = [study.spread(bench.synergy(glue, drug, study.line, AT), DRAWS) for drug in drugs]
    rows = [
        {"reference": _said(ref), **{name(one.partner): _score(one, ref) for one in found}}
        for ref in found[0].analysis.references
    ]
    rows.append({"reference": "do they agree", **{name(one.partner): _words(one) or "yes" for one in found}})
    listing = Listing(
        "synergy_scores", "Scores by reference", rows,
        "Mean over the matrix, positive is synergy: per cent of effect, and -log10 for the combination index (CI). "
        f"{study.ranges(DRAWS).rstrip('.')}.",
    )  # fmt: skip
    words = (
        "Whether two drugs do more together than they should depends on what they should do. In this model a glue and "
        "a partner kill on roads of their own, which is Bliss independence by construction: an excess over Bliss here "
        "would be the mechanism's, an excess over HSA or Loewe is two roads counted as one. No term of the model says "
        "synergy, and nothing measured of these pairs went into it.",
        *not_simulated(study),
    )
    return Section("synergy", "The bench: two drugs", words, (*map(_maps, found), listing))


def _maps(found: Synergy) -> Figure:
    table = found.table()
    caption = (
        f"{name(found.cell)}, {found.at} after one addition of both, without noise. Survival over the untreated well; "
        "then the excess of kill over what each reference expects, red synergy, blue antagonism, with its mean over "
        f"the matrix above; last the isobole. {_words(found) or 'All references say the same.'} Assumed: how "
        "fast the partner kills, and its level in the medium."
    )
    said = f"Maps of {name(found.compound)} and {name(found.partner)}. " + "; ".join(
        f"{ref} {score(one.score)}" for ref, one in found.analysis.references.items()
    )
    title = f"{name(found.compound)} and {name(found.partner)}"
    return Figure(f"synergy_{found.partner}", title, synergy_plot([found]), caption, f"{said}.", table)


def _score(found: Synergy, reference: str) -> str:
    return score(found.analysis.references[reference].score)


def _words(found: Synergy) -> str:
    return found.disagreement.replace("CI_median_effect", "CI by median effect")


def _said(reference: str) -> str:
    return reference.replace("_", ", ", 1).replace("_", " ")
