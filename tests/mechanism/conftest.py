"""One cell and two glues, invented for the tests: round numbers in the range of the field."""

import numpy as np
import pytest

SUBSTRATES = ("IKZF1", "IKZF3")


def cell_values() -> dict[str, float]:
    values = {
        "CRBN.total": 60.0, "CRL4.active": 0.2, "CRL4.k_ned": 10.0, "CRL4.inhibition": 0.0, "CRL4.k_ub": 3600.0,
        "proteasome.k_cat": 2000.0, "proteasome.capacity": 1e5, "proteasome.load": 10.0,
        "proteasome.inhibition": 0.0,
        "MEIS2.total": 50.0, "MEIS2.t_half": 20.0, "MEIS2.CRBN.Kd": 500.0, "MEIS2.CRBN.k_on": 3.6,
        "MEIS2.CRBN.k_cat": 0.5,
    }  # fmt: skip
    for S in SUBSTRATES:
        values |= {f"{S}.total": 100.0, f"{S}.t_half": 7.0, f"{S}.CRBN.k_on": 3.6, f"{S}.k_dub": 100.0}
    return values


def glue_values(glue: str, Kd: float, K_c: float) -> dict[str, float]:
    values = {"CRBN.Kd": Kd, "CRBN.K_c": K_c, "CRBN.k_on": 3.6, "CRBN.k_close": 3600.0}
    values |= {f"{S}.Kd": 1000.0 for S in SUBSTRATES}
    return {f"{glue}.{name}": value for name, value in values.items()}


@pytest.fixture
def values() -> dict[str, float]:
    """Everything that `ligase(["mezigdomide", "pomalidomide"], SUBSTRATES, n)` asks for."""
    return cell_values() | glue_values("mezigdomide", 12.6, 49.0) | glue_values("pomalidomide", 157.0, 0.25)


@pytest.fixture
def hold():
    """Run a network with free glue held at each of several concentrations; one subject per concentration."""
    from cereblon.network.network import Network

    def run(net, values, glue, levels, times, doses=(), **options):
        clamp = Network("clamp")
        clamp.parameter("clamp.k", "1/h", "how firmly")
        clamp.parameter("clamp.level", "nM", "free glue to hold")
        clamp.add_species(glue, "nM", initial="clamp.level", scale="clamp.level")
        clamp.reaction(f"0 -> {glue}", rate=f"clamp.k * (clamp.level - [{glue}])")
        held = net + clamp
        given = values | {"clamp.k": 1e7, "clamp.level": np.asarray(levels, dtype=float)}
        result = held.simulate({k: v for k, v in given.items() if k in held.parameters}, times, doses, **options)
        assert result.ok, result.status
        return result

    return run
