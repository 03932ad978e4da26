"""The figures of decision 0025, one after the other: phase 1 from the mechanism, dose and schedule.

    python benchmarks/phase_1.py                          all of them, about six minutes
    python benchmarks/phase_1.py grid escalations         some

Seed 1 throughout. Run it again when a population, a policy or a protocol has changed, and write down what it says.
"""

from __future__ import annotations

from collections.abc import Callable

from parts import run

import cereblon as cb
from cereblon.bedside.schedules import schedules
from cereblon.evidence.laboratory import ESCALATIONS, SCHEDULES

ESCALATED, PATIENTS = 20, 40
DESIGNS = {"MM_001_phase_1_21_28": ("BLRM", "BOIN", "3+3", "TITE-CRM", "backfill"), "MM_001_phase_1": ("BLRM",)}
PARTNERS = ("mezi_bortezomib_dex", "mezi_carfilzomib_dex", "mezi_daratumumab_dex", "mezi_trametinib_dex")
TREATED = ("ORR", "neutropenia, reported", "anaemia, reported", "thrombocytopenia, reported", "infection, reported")


def grid() -> None:
    """How much of an MTD is protocol."""
    print(cb.protocol_grid(cb.escalation_trial("MM_001_phase_1_21_28"), patients=PATIENTS))


def rates() -> None:
    """True DLT rates of each schedule's doses, and what limits them."""
    for name in (*SCHEDULES, "MM_001_phase_1_monotherapy"):
        plan = cb.escalation_trial(name)
        found = ", ".join(f"{level} {rate}" for level, rate in zip(plan.levels, plan.rates(), strict=True))
        print(f"{plan.protocol.symbol}: {found}")
    plan = cb.escalation_trial("MM_001_phase_1_21_28")
    level = [str(one) for one in plan.levels].index("1 mg")
    window, failed = plan.lived([plan.population.sample(100, 1)], [level])
    print(window.limiting(plan.definition, failed))


def escalations() -> None:
    """What each design selects, and how long it takes."""
    for name, designs in DESIGNS.items():
        for design in designs:
            print(cb.escalation_trial(name).replicates(ESCALATED, design=design))


def treated() -> None:
    """All treated in phase 1, as one trial of 77; and what its schedules would be without the twice-daily one."""
    for names in (SCHEDULES, tuple(name for name in SCHEDULES if not name.endswith("3_14"))):
        found = schedules("MM-001 phase 1", names, ESCALATIONS).all_treated(77)
        print(f"{found.name}, {len(names)} schedules, {len(found.seeds)} replicates")
        for number in found.values:
            if number.startswith(TREATED):
                print(f"  {number:<60} {found[number]}")


def dose_and_schedule() -> None:
    """Every dose of six schedules in both structures."""
    found = cb.optimise(patients=PATIENTS, cycles=8)
    print(found)
    table = found.table()
    table["apart"] = table["neutropenia"] - table["neutropenia_daily"]
    print(table[["regimen", "dose", "population", "ORR", "neutropenia", "neutropenia_daily", "apart"]].to_string())


def partners() -> None:
    """Triplets, and populations that no trial has set."""
    found = cb.optimise(PARTNERS, ["1 mg"], patients=30, cycles=8)
    print(found, found.table()[["regimen", "population", "ORR"]].to_string(), sep="\n")
    for people in ("earlier_lines", "lymphoma"):
        print(cb.optimise(["mezi_dex", "mezi_dex_7_14"], ["0.3 mg", "1 mg"], [people], patients=30, cycles=6, months=4))


def two_doses() -> None:
    """0.6 against 1 mg in a randomised trial of 30 an arm."""
    print(cb.two_doses(("0.6 mg", "1 mg"), 30, pool=200))


PARTS: dict[str, Callable[[], None]] = {
    "grid": grid, "rates": rates, "escalations": escalations, "treated": treated, "schedules": dose_and_schedule,
    "partners": partners, "two_doses": two_doses,
}  # fmt: skip


if __name__ == "__main__":
    run(__doc__, PARTS)
