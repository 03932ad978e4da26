"""Simon, the Bayesian single arm, the log-rank phase 3: against published designs, brute force and simulation."""

import math

import numpy as np
import pytest
from scipy.integrate import quad
from scipy.stats import binom

from cereblon.bedside.log_rank import LogRank, events_needed
from cereblon.bedside.simon import TwoStage, properties, simon
from cereblon.bedside.single_arm import SingleArm
from cereblon.ground.errors import InputError


@pytest.mark.parametrize(
    ("p0", "p1", "alpha", "beta", "optimal", "minimax"),
    [
        # checks.md, row Simon; then Simon 1989, tables 1 and 2 (EN to a tenth there)
        (0.2, 0.4, 0.05, 0.2, ("3/13 12/43", 20.58), ("4/18 10/33", 22.25)),
        (0.1, 0.3, 0.05, 0.2, ("1/10 5/29", 15.01), ("1/15 5/25", 19.51)),
        (0.05, 0.25, 0.05, 0.2, ("0/9 2/17", 12.0), ("0/12 2/16", 13.8)),
        (0.05, 0.20, 0.10, 0.1, ("0/12 3/37", 23.5), ("0/18 3/32", 26.4)),
        (0.3, 0.5, 0.05, 0.1, ("8/24 24/63", 34.7), ("7/24 21/53", 36.6)),
        (0.7, 0.9, 0.05, 0.1, ("11/15 29/36", 21.2), ("13/18 26/32", 22.7)),
    ],
)
def test_simon_against_published_designs(p0, p1, alpha, beta, optimal, minimax) -> None:  # type: ignore[no-untyped-def]
    found = simon(p0, p1, alpha, beta)
    for design, (text, EN) in ((found.optimal, optimal), (found.minimax, minimax)):
        assert str(design) == text
        assert design.EN(p0) == pytest.approx(EN, abs=5e-3 if p0 in (0.1, 0.2) else 0.06)


def brute(p0: float, p1: float, alpha: float, beta: float, most: int) -> list[tuple[int, float, str]]:
    """Every two-stage design of at most `most` patients that holds both errors: n, EN, name."""
    good = []
    for n in range(2, most + 1):
        for n1 in range(1, n):
            x = np.arange(n1 + 1)
            first = {p: binom.pmf(x, n1, p) for p in (p0, p1)}
            for r in range(n):
                tail = {p: binom.sf(r - x, n - n1, p) for p in (p0, p1)}
                for r1 in range(min(r, n1 - 1) + 1):
                    on = x > r1
                    if (first[p1] * tail[p1])[on].sum() >= 1 - beta and (first[p0] * tail[p0])[on].sum() <= alpha:
                        good.append((n, n1 + first[p0][on].sum() * (n - n1), f"{r1}/{n1} {r}/{n}"))
    return good


@pytest.mark.parametrize(("p0", "p1", "alpha", "beta", "most"), [(0.1, 0.5, 0.05, 0.2, 17), (0.3, 0.7, 0.1, 0.1, 18)])
def test_simon_against_a_search_of_every_design(p0: float, p1: float, alpha: float, beta: float, most: int) -> None:
    found, every = simon(p0, p1, alpha, beta), brute(p0, p1, alpha, beta, most)
    assert found.optimal.n < most  # the search went beyond it
    assert str(found.optimal) == min(every, key=lambda one: (round(one[1], 9), one[0]))[2]
    assert str(found.minimax) == min(every, key=lambda one: (one[0], one[1]))[2]
    for weight in np.linspace(0, 1, 21):  # the definition of Jung 2004
        n, EN, _ = min(every, key=lambda one: weight * one[0] + (1 - weight) * one[1])
        least = min(weight * one.n + (1 - weight) * one.EN(p0) for one in found.admissible)
        assert least == pytest.approx(weight * n + (1 - weight) * EN, abs=1e-9)


def test_properties_of_a_given_design_against_binomials() -> None:
    design, p = TwoStage(3, 13, 12, 43), 0.3
    x = np.arange(4, 14)
    expected = float((binom.pmf(x, 13, p) * binom.sf(12 - x, 30, p)).sum())
    assert design.pursue(p) == pytest.approx(expected, rel=1e-10)
    assert design.PET(p) == pytest.approx(binom.cdf(3, 13, p), rel=1e-10)
    row = properties(design, 0.2, 0.4)
    assert row["alpha"] <= 0.05
    assert row["power"] >= 0.8


def test_a_two_stage_trial_is_told_what_to_do() -> None:
    design = TwoStage(3, 13, 12, 43)
    told = [design.decide(*counts) for counts in ((0, 5), (3, 13), (4, 13), (0, 10), (13, 30), (12, 43), (4, 35))]
    assert told == ["go on", "stop", "go on", "stop", "pursue", "stop", "stop"]


@pytest.mark.parametrize(
    ("call", "word"),
    [
        (lambda: simon(0.4, 0.2), "p1"), (lambda: simon(0.2, 0.4, alpha=0.6), "alpha"), (lambda: simon(0, 0.4), "p0"),
        (lambda: simon(0.3, 0.32), "further apart"), (lambda: TwoStage(5, 4, 6, 9), "two-stage"),
        (lambda: TwoStage(3, 13, 12, 43).decide(5, 3), "counts"), (lambda: TwoStage(-1, 3, 2, 9), "r1"),
    ],
)  # fmt: skip
def test_a_two_stage_design_that_cannot_be_is_refused(call, word: str) -> None:  # type: ignore[no-untyped-def]
    with pytest.raises(InputError, match=word):
        call()


LEE_LIU = SingleArm(p0=0.2, n=36, looks=tuple(range(10, 36)), prior=(0.2, 0.8), certainty=0.9, futility=0.001)


def test_single_arm_against_lee_and_liu() -> None:
    """2008, the example of the predictive probability design: its rejection region, error, power and expected size."""
    region = {10: 0, 17: 1, 21: 2, 24: 3, 27: 4, 29: 5, 31: 6, 33: 7, 34: 8, 35: 9, 36: 10}
    bounds = {look: low for look, low, _ in LEE_LIU.bounds}
    last = -1
    for look in range(10, 37):
        last = region.get(look, last)
        assert bounds[look] == last
    null, other = LEE_LIU.operating([0.2, 0.4]).to_dict("records")
    assert null["success"] == pytest.approx(0.088, abs=5e-4)
    assert null["EN"] == pytest.approx(27.67, abs=5e-3)
    assert null["stopped_futile"] == pytest.approx(0.86, abs=5e-3)
    assert other["success"] == pytest.approx(0.906, abs=5e-4)


def test_single_arm_with_efficacy_against_simulation() -> None:
    design = SingleArm(p0=0.3, n=30, looks=(10, 20), certainty=0.9, futility=0.1, efficacy=0.95)
    exact = design.operating(0.45).iloc[0]
    random, success, patients, trials = np.random.default_rng(1), 0, 0, 20_000
    people = random.random((trials, 30)) < 0.45
    for trial in people:
        for look in (10, 20, 30):
            word = design.decide(int(trial[:look].sum()), look)
            if word != "go on":
                break
        success += word in ("success", "effective")
        patients += look
    assert exact["success"] == pytest.approx(success / trials, abs=0.015)
    assert exact["EN"] == pytest.approx(patients / trials, abs=0.25)


def test_single_arm_without_looks_is_a_binomial_test() -> None:
    design = SingleArm(p0=0.3, n=30, certainty=0.95)
    _, _, least = design.bounds[0]
    assert design.operating(0.3)["success"].iloc[0] == pytest.approx(binom.sf(least - 1, 30, 0.3), rel=1e-10)
    assert list(design.table().iloc[0]) == [30, least - 1, least]


@pytest.mark.parametrize(
    ("options", "word"),
    [({"p0": 1.2}, "p0"), ({"looks": (10, 36)}, "looks"), ({"looks": (20, 10)}, "looks"), ({"prior": (0, 1)}, "prior"),
     ({"n": 0}, "n"), ({"futility": 0.5, "efficacy": 0.4}, "efficacy")],
)  # fmt: skip
def test_a_single_arm_that_cannot_be_is_refused(options: dict, word: str) -> None:
    with pytest.raises(InputError, match=word):
        SingleArm(**{"p0": 0.2, "n": 36, **options})


@pytest.mark.parametrize(
    ("HR", "power", "ratio", "events"),
    [(0.7, 0.9, 1, 330.4), (0.75, 0.8, 1, 379.4), (0.5, 0.8, 1, 65.35), (0.7, 0.9, 2, 371.7)],
)
def test_events_against_schoenfeld(HR: float, power: float, ratio: float, events: float) -> None:
    """(z + z)^2 / (pi (1 - pi) ln HR^2), worked by hand with z .975 = 1.95996, z .9 = 1.28155, z .8 = .84162."""
    assert events_needed(HR, power, ratio=ratio) == pytest.approx(events, abs=0.05)


PLAN = LogRank(HR=0.7, median=6.9, rate=20, patients=420, looks=(0.5, 0.75, 1), dropout=0.1)


def test_interim_looks_cost_what_jennison_and_turnbull_say() -> None:
    """Tables 2.4 and 2.2: five O'Brien-Fleming looks inflate by 1.026, Pocock's by 1.207 (power .9, level .05)."""
    looks = tuple((k + 1) / 5 for k in range(5))
    for shape, R in (("obrien-fleming", 1.026), ("pocock", 1.207)):
        design = LogRank(HR=0.7, median=6.9, rate=20, patients=600, looks=looks, shape=shape, sides=2)
        assert design.events == pytest.approx(330.4 * R, abs=1.1)


def test_expected_events_against_an_integral_over_arrivals() -> None:
    lost = -math.log(1 - 0.1) / 12
    for month in (3.0, 15.0, 30.0):
        total = 0.0
        for hazard in (math.log(2) / 6.9, 0.7 * math.log(2) / 6.9):
            both = hazard + lost
            part, _ = quad(lambda u, b=both, m=month: 1 - math.exp(-b * (m - u)), 0, min(month, 21.0))
            total += 10 * hazard / both * part
        assert PLAN.expected_events(month) == pytest.approx(total, rel=1e-9)


def test_power_and_months_against_simulated_trials() -> None:
    """Exponential patients, looks at the planned events; the statistic is the log-rank score of all patients."""
    random, trials = np.random.default_rng(11), 300
    positive, months = 0, []
    at = list(PLAN.table()["events"])
    for _ in range(trials):
        arm = random.permutation(np.repeat([0, 1], 210))
        entry = np.sort(random.random(420)) * 21.0
        event = random.exponential(6.9 / math.log(2) / np.where(arm, 0.7, 1.0))
        loss = random.exponential(12 / -math.log(0.9), 420)
        for events, z in zip(at, PLAN.boundaries.z, strict=True):
            calendar = np.sort((entry + event)[event < loss])
            now = calendar[events - 1] if events <= calendar.size else calendar[-1]
            if log_rank(arm, np.minimum(np.minimum(event, loss), now - entry), (event < loss) & (entry + event <= now),
                        entry < now) >= z:  # fmt: skip
                positive += 1
                break
        months.append(now)
    assert positive / trials == pytest.approx(PLAN.expected()["positive"], abs=0.06)  # 3.5 errors
    assert np.mean(months) == pytest.approx(PLAN.expected()["months"], abs=0.9)


def log_rank(arm: np.ndarray, time: np.ndarray, happened: np.ndarray, there: np.ndarray) -> float:
    """The log-rank Z in favour of arm 1, of the patients who are there."""
    arm, time, happened = arm[there], time[there], happened[there]
    order = np.argsort(time)
    arm, happened = arm[order], happened[order]
    at_risk = np.arange(arm.size, 0, -1)
    share = np.cumsum(arm[::-1])[::-1] / at_risk
    score = (share - arm)[happened].sum()
    return float(score / math.sqrt((share * (1 - share))[happened].sum()))


def test_the_last_look_comes_when_the_events_are_expected_and_power_holds() -> None:
    table = PLAN.table()
    assert PLAN.expected_events(float(table["month"].iloc[-1])) == pytest.approx(PLAN.events, rel=1e-9)
    assert table["stopped_under_HR"].iloc[-1] == pytest.approx(0.9, abs=2e-3)
    assert table["stopped_under_1"].iloc[-1] == pytest.approx(0.025, abs=1e-9)
    assert math.exp(-table["z"].iloc[0] / math.sqrt(table["events"].iloc[0] / 4)) == pytest.approx(
        table["HR_at_boundary"].iloc[0]
    )


def test_patients_are_solved_from_the_months_that_a_trial_may_last() -> None:
    long = LogRank(HR=0.7, median=6.9, rate=20, months=36, looks=(0.5, 1))
    assert long.month_of(long.events) <= 36
    fewer = LogRank(HR=0.7, median=6.9, rate=20, patients=long.enrolled - 1, looks=(0.5, 1))
    assert fewer.month_of(fewer.events) > 36


@pytest.mark.parametrize(
    ("options", "word"),
    [
        ({"HR": 1.2}, "HR"), ({"patients": None}, "neither"), ({"months": 30}, "both"), ({"patients": 100}, "too few"),
        ({"patients": None, "months": 6}, "too short"), ({"looks": (0.5,)}, "looks"),
        ({"looks": (0.75, 0.5, 1)}, "looks"), ({"shape": "haybittle"}, "shape"), ({"sides": 3}, "side"),
        ({"median": 0}, "median"), ({"dropout": 1}, "dropout"),
    ],
)  # fmt: skip
def test_a_phase_3_that_cannot_be_is_refused(options: dict, word: str) -> None:
    with pytest.raises(InputError, match=word):
        LogRank(**{"HR": 0.7, "median": 6.9, "rate": 20, "patients": 420, **options})
