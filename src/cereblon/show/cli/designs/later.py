"""Designs of phases 2 and 3."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from cereblon.ground.errors import InputError
from cereblon.show.cli.designs.options import NUMBERS
from cereblon.show.cli.designs.tables import plain
from cereblon.show.cli.options import format_option, out_file
from cereblon.show.cli.output import emit


@click.command(short_help="two stages against too low a response rate")
@click.option("--p0", type=float, required=True, help="a response rate that is not worth pursuing")
@click.option("--p1", type=float, required=True, help="one that is")
@click.option("--alpha", type=float, default=0.05, show_default=True, help="probability to pursue at p0, at most")
@click.option("--beta", type=float, default=0.2, show_default=True, help="probability not to pursue at p1, at most")
@click.option("--given", default="", help='exact properties of a design instead, as "r1/n1 r/n": "3/13 12/43"')
@format_option
@out_file
def simon(p0: float, p1: float, alpha: float, beta: float, given: str, form: str, out: Path | None) -> None:
    """Simon's two-stage designs: optimal, minimax, and the admissible ones between.

    \b
    Examples:
      cereblon design simon --p0 0.2 --p1 0.4
      cereblon design simon --p0 0.2 --p1 0.4 --given "3/13 12/43"
    """
    from cereblon.bedside.simon import TwoStage, properties
    from cereblon.bedside.simon import simon as search

    if given:
        parts = given.replace("/", " ").split()
        if len(parts) != 4 or not all(part.isdigit() for part in parts):
            raise InputError("a two-stage design is r1/n1 r/n", where="--given", found=given, example="3/13 12/43")
        r1, n1, r, n = map(int, parts)
        emit([properties(TwoStage(r1, n1, r, n), p0, p1)], form, out)
        return
    found = search(p0, p1, alpha, beta)
    rows = [{str(k): v for k, v in row.items()} for row in found.table().to_dict("records")]
    emit(rows, form, out, title=str(found), caption="Stop if at most r1 of n1 respond; pursue if more than r of n do.")


@click.command(short_help="a Bayesian single arm with looks")
@click.option("--p0", type=float, required=True, help="the response rate to exceed")
@click.option("--n", type=int, required=True, help="patients at most")
@click.option("--looks", type=NUMBERS, default=(), help="patients after whom it is looked, before the last")
@click.option("--prior", type=NUMBERS, default=(1.0, 1.0), help="a beta prior (1,1)")
@click.option("--certainty", type=float, default=0.95, show_default=True, help="Pr(p > p0) that is a success")
@click.option("--futility", type=float, default=0.05, show_default=True, help="stop below this predictive probability")
@click.option("--efficacy", type=float, default=1.0, show_default=True, help="stop above it (1: never)")
@click.option("--rates", type=NUMBERS, default=None, help="true rates for exact operating characteristics")
@format_option
@out_file
def single_arm(
    looks: tuple[float, ...], rates: tuple[float, ...] | None, prior: tuple[float, ...], form: str, out: Path | None,
    **given: Any,
) -> None:  # fmt: skip
    """A single arm with a beta prior: the counts that stop it, by the predictive probability of success.

    \b
    Examples:
      cereblon design single-arm --p0 0.2 --n 36 --looks 10,20
      cereblon design single-arm --p0 0.2 --n 36 --looks 10,20 --rates 0.2,0.3,0.4
    """
    from cereblon.bedside.single_arm import SingleArm

    if any(look != int(look) for look in looks):
        raise InputError("looks are whole numbers of patients", where="--looks", found=str(looks), example="10,20")
    if len(prior) != 2:
        raise InputError("a beta prior has two numbers", where="--prior", found=str(prior), example="1,1")
    design = SingleArm(looks=tuple(int(look) for look in looks), prior=(prior[0], prior[1]), **given)
    table = design.table() if rates is None else design.operating(rates)
    rows = [{str(k): plain(v) for k, v in row.items()} for row in table.to_dict("records")]
    emit(rows, form, out, title=str(design))


@click.command(short_help="a phase 3 by the log-rank test, with interim looks")
@click.option("--hr", "HR", type=float, required=True, help="hazard ratio, new over control")
@click.option("--median", type=float, required=True, help="median of the control arm, months")
@click.option("--rate", type=float, required=True, help="patients a month, both arms together")
@click.option("--patients", type=int, help="patients in all; or --months")
@click.option("--months", type=float, help="how long the trial may last; or --patients")
@click.option("--power", type=float, default=0.9, show_default=True)
@click.option("--alpha", type=float, default=0.025, show_default=True, help="one-sided")
@click.option("--looks", type=NUMBERS, default=(1.0,), help="shares of the events, the last is 1: 0.5,0.75,1")
@click.option("--shape", default="obrien-fleming-spending", show_default=True,
              help="obrien-fleming, pocock, either with -spending, or power-spending")  # fmt: skip
@click.option("--sides", type=int, default=1, show_default=True, help="2: a mirror boundary stops for harm")
@click.option("--rho", type=float, default=3.0, show_default=True, help="of power-spending")
@click.option("--ratio", type=float, default=1.0, show_default=True, help="patients on the new arm for each on control")
@click.option("--dropout", type=float, default=0.0, show_default=True, help="share lost in 12 months")
@format_option
@out_file
def log_rank(form: str, out: Path | None, **given: Any) -> None:
    """Events, patients and months of a group-sequential log-rank trial, and the hazard ratio that stops each look.

    \b
    Examples:
      cereblon design log-rank --hr 0.7 --median 6.9 --rate 20 --patients 420 --looks 0.5,0.75,1
      cereblon design log-rank --hr 0.7 --median 6.9 --rate 20 --months 36
    """
    from cereblon.bedside.log_rank import LogRank

    design = LogRank(**given)
    rows = [{str(k): v for k, v in row.items()} for row in design.table().to_dict("records")]
    emit(rows, form, out, title=str(design))
