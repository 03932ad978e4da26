"""The command `cereblon`: verbs, exit codes, errors as one paragraph.

    0  it ran          1  it ran and failed, or was stopped (Ctrl-C)          2  bad input; nothing was written

Only click is imported here, and a verb's module when the verb is called; that module imports its machinery
inside its function. So `cereblon --version` and `--help` answer at once.
"""

from __future__ import annotations

import os
import signal
import sys
from typing import Any

import click

from cereblon import __version__
from cereblon.show.cli.verbs import Verbs

EXAMPLES = """\b
Examples:
  cereblon run mezigdomide                  the page out/mezigdomide/index.html
  cereblon run my_glue.toml                 the same for a glue of your own
  cereblon simulate mezigdomide --dose "1 mg" --cycles 2
  cereblon simulate pomalidomide --cell H929 --concentration "100 nM"
  cereblon compound show iberdomide         every number with unit, grade and source
  cereblon trace mezigdomide.CRBN.Kd        where a number comes from and what it moves
  cereblon bench adcc mezigdomide           an assay, simulated (bench --help lists them)
  cereblon analyse dose-response plate.csv  the same analysis on your own file
  cereblon plate list                       example plates, for every analysis
  cereblon design boin --target 0.3         a dose escalation: its decisions, what to expect of it
  cereblon trial MM_001_phase_2             a trial, patient by patient
  cereblon optimise --patients 30           doses and schedules, in the same patients
  cereblon evidence                         reported beside simulated
  cereblon network show --glue mezigdomide  the reactions
  cereblon clinic response trial.csv        responses and endpoints of your own trial
  cereblon check my_glue.toml               is this file good?

\b
Exit codes: 0 ran, 1 ran but failed or was stopped, 2 bad input (nothing is written).
Research use only: not a medical device, not for the care of patients."""

# verb -> the module of this folder that holds it, as an attribute of the same name
VERBS = {
    "run": "run",
    "simulate": "simulate",
    "compound": "records",
    "trace": "records",
    "bench": "assays",
    "analyse": "assays",
    "plate": "plate",
    "design": "designs",
    "clinic": "clinic",
    "trial": "trial",
    "optimise": "optimise",
    "evidence": "evidence",
    "network": "network",
    "check": "records",
    "completion": "completion",
}


@click.command(
    cls=Verbs,
    verbs={verb: f"{__name__}.{module}" for verb, module in VERBS.items()},
    epilog=EXAMPLES,
    context_settings={"help_option_names": ["-h", "--help"]},
)
@click.version_option(__version__, message="cereblon %(version)s")
def command() -> None:
    """A virtual pharmacology laboratory for cereblon glues: ligase, cells, bench, patients, trials."""


def main(arguments: list[str] | None = None) -> None:
    """Run the command line and leave with its exit code."""
    sys.exit(run(arguments))


def run(arguments: list[str] | None = None) -> int:
    """The exit code of the command line with `arguments` (default: those of the process)."""
    from cereblon.ground.errors import CereblonError, InputError

    previous = _stop_on_terminate()
    try:
        left = command.main(args=arguments, prog_name="cereblon", standalone_mode=False)
        sys.stdout.flush()
        return left if isinstance(left, int) else 0  # click hands over the code of an early exit
    except click.exceptions.NoArgsIsHelpError as error:
        click.echo(error.format_message())
        return 0
    except click.UsageError as error:
        place = error.ctx.command_path if error.ctx else "cereblon"
        _say(f"{error.format_message().rstrip('.')}. See: {place} --help")
        return 2
    except click.ClickException as error:
        _say(error.format_message())
        return 2
    except click.exceptions.Exit as leave:
        return leave.exit_code
    except (click.Abort, KeyboardInterrupt):
        _say("stopped; what was not finished is not written")
        return 1
    except BrokenPipeError:  # the reader of a pipe (head, less) has seen enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
        return 0
    except InputError as error:
        _say(str(error))
        return 2
    except CereblonError as error:
        _say(str(error))
        return 1
    finally:
        if previous is not None:
            signal.signal(signal.SIGTERM, previous)


def _stop_on_terminate() -> Any:
    """Let SIGTERM stop a run as Ctrl-C does, so that nothing half-written stays; None outside the main thread."""

    def stop(number: int, frame: object) -> None:
        raise KeyboardInterrupt

    try:
        return signal.signal(signal.SIGTERM, stop)
    except ValueError:
        return None


def _say(text: str) -> None:
    """One paragraph on standard error."""
    click.echo("cereblon: " + " ".join(text.split()), err=True)
