"""The public names, sorted; each is fetched from its module when first asked for.

So ``import cereblon`` loads nothing heavy, and a verb costs only what it needs.

>>> import cereblon as cb
>>> "Quantity" in cb.__all__
True
"""

from importlib import import_module
from typing import Any

__version__ = "0.1.0"

# name -> its module. A name that is its own module (`bench`) is that module. To publish a name, add one line.
_HOME = {
    "CereblonError": "ground.errors",
    "Dose": "network.dosing",
    "Estimate": "ground.quantity",
    "InputError": "ground.errors",
    "Model": "model",
    "Network": "network.network",
    "Quantity": "ground.quantity",
    "bedside": "bedside",
    "bench": "bench",
    "cell": "records.cell",
    "compare": "evidence.compare",
    "compound": "records.compound",
    "design": "bedside",
    "dish": "model",
    "dose": "records.regimen",
    "escalation_trial": "bedside.phase_1",
    "evidence": "evidence",
    "judge": "evidence.claims",
    "operating": "bedside",
    "optimise": "bedside.optimisation",
    "patient": "model",
    "plot": "show.plot",
    "population": "cohort",
    "protocol_grid": "bedside.protocol_grid",
    "regimen": "records.regimen",
    "simulate": "model",
    "trace": "evidence.trace",
    "trial": "bedside.named",
    "two_doses": "bedside.two_doses",
    "whole_patient": "model",
}

__all__ = sorted(_HOME)


def __getattr__(name: str) -> Any:
    home = _HOME.get(name)
    if home is None:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")  # Python adds the nearest name
    module = import_module(f"{__name__}.{home}")
    value = module if home == name else getattr(module, name)
    globals()[name] = value  # the next look-up finds it without coming here
    return value


def __dir__() -> list[str]:
    return [*__all__, "__version__"]
