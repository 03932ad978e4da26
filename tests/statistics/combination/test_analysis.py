"""Matrices analysed: the data of other packages against their printed numbers, intervals, flags and disagreement."""

from pathlib import Path

import numpy as np
import pytest

from cereblon.ground.errors import InputError
from cereblon.ground.quantity import Estimate
from cereblon.statistics.combination import Hill, Matrix, MuSyC, Options, analyse, bliss
from cereblon.statistics.combination.bootstrap import drawn_means, interval, variance
from cereblon.statistics.combination.warnings import at_an_end

GRID = np.array([0, 0.1, 0.3, 1, 3, 10.0])
D1, D2 = (axis.ravel() for axis in np.meshgrid(GRID, 2 * GRID, indexing="ij"))
ONE, TWO = Hill(1, 0.2, 1.5, 1), Hill(1, 0.1, 1, 2)


def made(survival, **options):  # type: ignore[no-untyped-def]
    return Matrix.of_wells(D1, D2, survival, names=("A", "B"), units=("nM", "nM"), **options)


@pytest.fixture(scope="module")
def example(require):  # type: ignore[no-untyped-def]
    """The noisy two-drug data of the Python package synergy: three replicates of 6 x 6."""
    path: Path = require("shared/data/data_synergy_2d_example.csv")
    return Matrix.of_wells(*np.loadtxt(path, delimiter=",", skiprows=1).T)


@pytest.fixture(scope="module")
def screen(require):  # type: ignore[no-untyped-def]
    """Two matrices of a screen (Mathews Griner 2014), as synergyfinder ships them; percent viability."""
    path: Path = require("shared/data/data_mathews_screening.csv")
    rows = np.loadtxt(path, delimiter=",", skiprows=1, usecols=(0, 3, 4, 5))
    return {b: Matrix.of_wells(*rows[rows[:, 0] == b][:, 1:3].T, rows[rows[:, 0] == b][:, 3] / 100) for b in (1, 2)}


# -- other packages --------------------------------------------------------------------------------------------


def test_scores_against_synergy_of_wooten(example: Matrix) -> None:
    """synergy 1.0.0 on its own data, mean over the pairs in percent: Loewe delta_HSA 14.504971, ZIP 8.160147.

    Its Bliss (8.622) and HSA (15.718) take the median of the replicates alone; with means they are ours.
    """
    found = analyse(example, draws=0)
    assert found["Loewe"].value == pytest.approx(14.504971, rel=1e-5)
    assert found["ZIP"].value == pytest.approx(8.160147, rel=1e-3)
    assert found["Bliss"].value == pytest.approx(8.622, rel=0.02)
    assert found["HSA"].value == pytest.approx(15.718, rel=0.01)
    for beyond, expected in (("weakest", 22.776196), ("nan", 14.283277)):
        other = analyse(example, Options(beyond=beyond), draws=0)  # type: ignore[arg-type]
        assert other["Loewe"].value == pytest.approx(expected, rel=1e-5)


def test_surfaces_against_synergy_of_wooten(example: Matrix) -> None:
    """synergy 1.0.0: MuSyC log10 alpha .54821 and .09704, beta .22570, excess 9.215880; with gamma beta .276, E3
    -.0118; BRAID kappa .865, excess 8.357789. Our MuSyC has the smaller sum of squares, .0809392 against .0809399."""
    found = analyse(example, draws=0)
    assert found["log10_alpha12"].value == pytest.approx(0.54821, rel=2e-3)
    assert found["log10_alpha21"].value == pytest.approx(0.09704, abs=2e-3)
    assert found["beta"].value == pytest.approx(0.22570, rel=2e-3)
    assert found["MuSyC"].value == pytest.approx(9.215880, rel=1e-3)
    assert found["kappa"].value == pytest.approx(0.865, abs=6e-4)
    assert found["BRAID"].value == pytest.approx(8.357789, rel=1e-5)
    steeper = analyse(example, Options(gamma=True, skip=frozenset({"BRAID"})), draws=0)
    assert steeper["beta"].value == pytest.approx(0.276, abs=6e-4)
    assert steeper["E3"].value == pytest.approx(-0.0118, abs=2e-4)
    assert "BRAID" not in steeper.references


def test_bliss_and_HSA_against_the_vignette_of_synergyfinder(screen) -> None:  # type: ignore[no-untyped-def]
    """User tutorial of SynergyFinder Plus, str(res$synergy_scores), block 1, 2500 nM with 50 to .195 nM."""
    table = analyse(screen[1], draws=0).table()
    rows = table[(table.dose_1 == 2500) & (table.dose_2 > 0)].sort_values("dose_2", ascending=False)
    for column, expected in {
        "Bliss_excess": [5.34, 14.54, 11.85, 29.6, 9.47],
        "HSA_excess": [20.89, 38.96, 30.7, 21.29, 7.75],
    }.items():
        np.testing.assert_allclose(100 * rows[column], expected, atol=0.01)
    np.testing.assert_allclose(100 * (1 - rows["Bliss_expected"]), [86.9, 78.6, 73.1, 45.9, 52.5], atol=0.06)


def test_where_ZIP_differs_from_synergyfinder_and_why(screen) -> None:  # type: ignore[no-untyped-def]
    """Its reference at 2500 nM ispinesib is 79.4, 79.4, 67.9, 37.2, 37.2 % inhibition. That is the mean of all six
    readings of ispinesib alone (45.4 %), untreated among them, beside a step of ibrutinib: its curve of ispinesib did
    not converge. Ours follows the five doses that all take about 59 %, so our reference is higher; the fits to the
    lines themselves (93.3, 92.3, 82.7, 75.2, 57.3 %) agree within 8 points."""
    alone = screen[1].alone(0)
    mean = 1 - screen[1].mean[alone].mean()
    step = np.array([0.623, 0.623, 0.4117, -0.1495, -0.1495])
    np.testing.assert_allclose(100 * (1 - (1 - mean) * (1 - step)), [79.4, 79.4, 67.9, 37.2, 37.2], atol=0.1)
    table = analyse(screen[1], draws=0).table()
    rows = table[(table.dose_1 == 2500) & (table.dose_2 > 0)].sort_values("dose_2", ascending=False)
    fitted = 100 * (1 - (rows["ZIP_expected"] - rows["ZIP_excess"]))
    np.testing.assert_allclose(fitted, [93.3, 92.3, 82.7, 75.2, 57.3], atol=8)


def test_the_screen_s_quirks_are_said(screen) -> None:  # type: ignore[no-untyped-def]
    first, second = (analyse(screen[b], draws=0) for b in (1, 2))
    flags = " ".join(first.flags)
    assert "untreated wells read 123%" in flags
    assert "EC50 of drug 1 lies outside" in flags
    assert "no median-effect line" in flags
    assert np.isnan(first.EC50[0].value)
    assert "out of range" in first.EC50[0].note
    assert "raises survival to 187%" in " ".join(second.flags)
    assert first["Bliss"].value > 0 > second["Bliss"].value


# -- what a matrix must give -----------------------------------------------------------------------------------


def test_independent_drugs_have_no_bliss_and_no_ZIP_synergy() -> None:
    found = analyse(made(bliss(ONE(D1), TWO(D2))), draws=0)
    assert found["Bliss"].value == pytest.approx(0, abs=1e-9)
    assert found["ZIP"].value == pytest.approx(0, abs=0.05)
    assert found["HSA"].value > 3
    assert found.references["Bliss"].verdict == "no difference"


def test_the_numbers_of_a_musyc_surface_are_found_again() -> None:
    surface = MuSyC(ONE, TWO, 0.02, alpha12=4, alpha21=0.5)
    found = analyse(made(surface(D1, D2)), draws=0)
    assert found["log10_alpha12"].value == pytest.approx(np.log10(4), abs=1e-5)
    assert found["log10_alpha21"].value == pytest.approx(np.log10(0.5), abs=1e-5)
    assert found["beta"].value == pytest.approx(float(surface.beta), abs=1e-5)


def test_positive_is_synergy_in_every_reference() -> None:
    for alpha, word in ((20.0, "synergy"), (0.02, "antagonism")):
        found = analyse(made(MuSyC(ONE, TWO, 0.1, alpha12=alpha, alpha21=alpha)(D1, D2)), draws=0)
        verdicts = {name: one.verdict for name, one in found.references.items() if name != "HSA"}
        assert set(verdicts.values()) == {word}, verdicts
        assert found["log10_alpha12"].value * (alpha - 1) > 0
        assert found["kappa"].value * (alpha - 1) > 0


def test_references_that_disagree_in_sign_are_named() -> None:
    """Two steep drugs that multiply: more than the better one alone, less than two doses of one."""
    steep = Hill(1, 0, 4, 1)
    found = analyse(made(bliss(steep(D1), Hill(1, 0, 4, 2)(D2))), draws=0)
    assert found["HSA"].value > 0 > found["Loewe"].value
    assert "disagree in sign" in found.disagreement
    assert found.disagreement in str(found)


def test_scores_do_not_depend_on_the_unit_of_the_doses(example: Matrix) -> None:
    other = Matrix.of_wells(example.dose1 * 1e-9, example.dose2 * 1e3, example.mean)
    one = Matrix.of_wells(example.dose1, example.dose2, example.mean)
    here, there = analyse(one, draws=0), analyse(other, draws=0)
    for name in here.references:
        assert here[name].value == pytest.approx(there[name].value, rel=1e-5), name


def test_the_drugs_may_change_places(example: Matrix) -> None:
    here = analyse(example, draws=0)
    swapped = Matrix.of_wells(example.dose2, example.dose1, example.mean)
    there = analyse(swapped, draws=0)
    for name in here.references:
        assert here[name].value == pytest.approx(there[name].value, rel=1e-4), name
    assert here["log10_alpha12"].value == pytest.approx(there["log10_alpha21"].value, abs=1e-4)


# -- intervals -------------------------------------------------------------------------------------------------


def test_the_same_seed_gives_the_same_bits_and_another_one_others(example: Matrix) -> None:
    one, again, other = (analyse(example, draws=20, seed=s) for s in (5, 5, 6))
    assert one.scores().equals(again.scores())
    assert one.table().equals(again.table())
    assert not one.scores().equals(other.scores())


def test_noise_is_that_of_replicates_or_of_the_surface(example: Matrix) -> None:
    assert analyse(example, draws=10).noise == "the replicates"
    single = Matrix.of_wells(example.dose1, example.dose2, example.mean)
    found = analyse(single, draws=50)
    assert found.noise == "the residuals of the surface"
    assert found["Bliss"].low < found["Bliss"].value < found["Bliss"].high
    assert analyse(single, draws=0).noise == "none"


def test_the_standard_error_of_a_bliss_score_against_its_closed_form() -> None:
    """One dose of each drug: excess = E1 E2 - E12, so var = E2^2 v1 + E1^2 v2 + v12 (means of n wells)."""
    rng = np.random.default_rng(0)
    truth = {(0, 0): 1.0, (1, 0): 0.6, (0, 1): 0.5, (1, 1): 0.2}
    wells = [(a, b, s + rng.normal(0, 0.05)) for (a, b), s in truth.items() for _ in range(40)]
    matrix = Matrix.of_wells(*np.array(wells).T, over_control=False)
    found = analyse(matrix, draws=4000)["Bliss"]
    v = variance(matrix) / 40
    at = {(a, b): k for k, (a, b) in enumerate(zip(matrix.dose1, matrix.dose2, strict=True))}
    E1, E2 = matrix.mean[at[1, 0]], matrix.mean[at[0, 1]]
    expected = 100 * np.sqrt(E2**2 * v[at[1, 0]] + E1**2 * v[at[0, 1]] + v[at[1, 1]])
    assert (found.high - found.low) / 3.92 == pytest.approx(expected, rel=0.05)
    assert np.sqrt(v[at[1, 1]] * 40) == pytest.approx(0.05, rel=0.15)


def test_an_error_of_the_control_is_in_every_response_over_it() -> None:
    wells = np.array([(a, b, s) for a, b, s in zip(D1, D2, bliss(ONE(D1), TWO(D2)), strict=True) for _ in range(3)])
    noisy = wells[:, 2] * np.random.default_rng(1).lognormal(0, 0.1, len(wells))
    apart, over = (
        Matrix.of_wells(wells[:, 0], wells[:, 1], noisy / noisy[:3].mean(), over_control=flag) for flag in (False, True)
    )
    assert Matrix.of_wells(wells[:, 0], wells[:, 1], noisy / noisy[:3].mean()).over_control
    spread = [analyse(m, Options(skip=frozenset({"BRAID"})), draws=200)["HSA"] for m in (apart, over)]
    assert spread[1].high - spread[1].low > spread[0].high - spread[0].low
    drawn = drawn_means(over, 50, 1)
    np.testing.assert_allclose(drawn[:, over.untreated], 1)


def test_noise_that_grows_with_the_signal_is_found() -> None:
    rng = np.random.default_rng(4)
    means = np.repeat(np.linspace(0.01, 1, 60), 4)
    wells = means * (1 + 0.08 * rng.standard_normal(means.size)) + 0.003 * rng.standard_normal(means.size)
    wells = wells.reshape(60, 4)
    matrix = Matrix(np.arange(60.0), np.zeros(60), wells.mean(1), wells.std(1, ddof=1), np.full(60, 4))
    found = np.sqrt(variance(matrix))
    assert found[-1] == pytest.approx(0.08, rel=0.1)
    assert found[0] == pytest.approx(0.003, rel=0.35)


def test_the_interval_takes_the_bias_of_noisy_minima_away() -> None:
    """The smaller of two equal noisy numbers is too small by 1 / sqrt(pi) standard deviations, and its draws once more:
    plain percentiles hold the truth at 88 %, corrected ones at 92 (3,000 trials)."""
    rng = np.random.default_rng(2)
    hit = plain = 0
    for _ in range(300):
        a, b = rng.standard_normal(2)
        drawn = np.minimum(a + rng.standard_normal(400), b + rng.standard_normal(400))
        low, high = interval(np.asarray(min(a, b)), drawn)
        hit += bool(low <= 0 <= high)
        low, high = interval(np.asarray(min(a, b)), drawn, "percentile")
        plain += bool(low <= 0 <= high)
    assert 0.9 < hit / 300 < 0.97
    assert plain < hit


def test_draws_are_a_whole_number_within_bounds(example: Matrix) -> None:
    for draws in (-1, 10_001, 2.5, True):
        with pytest.raises(InputError, match="draws"):
            drawn_means(example, draws, 1)  # type: ignore[arg-type]


# -- what may not be said --------------------------------------------------------------------------------------


def test_a_drug_without_effect_is_said_to_have_none() -> None:
    found = analyse(made(ONE(D1)), draws=0)
    assert any("B alone takes 0%" in flag for flag in found.flags)
    assert found["Bliss"].value == pytest.approx(0, abs=1e-9)
    assert found["HSA"].value == pytest.approx(0, abs=1e-9)


def test_two_doses_of_a_drug_make_bliss_and_HSA_and_no_curve() -> None:
    few = np.isin(D2, [0, 2, 6])
    found = analyse(Matrix.of_wells(D1[few], D2[few], bliss(ONE(D1), TWO(D2))[few]), draws=10)
    assert set(found.references) == {"Bliss", "HSA"}
    assert "tested at 2 doses" in " ".join(found.flags)
    assert found.curves is None
    assert np.isnan(found.EC50[1].value)


def test_wells_that_are_missing_are_counted_and_left_out() -> None:
    survival = bliss(ONE(D1), TWO(D2))
    survival[(D1 == 1) & (D2 == 2)] = np.nan
    found = analyse(made(survival), draws=0)
    assert "1 of 25 pairs" in " ".join(found.flags)
    assert found["Bliss"].value == pytest.approx(0, abs=1e-9)


@pytest.mark.parametrize(
    ("wells", "message"),
    [
        (([1], [1], [0.5]), "alone"),
        (([0, 1], [0, 0], [1, 0.5]), "both drugs"),
        (([0, -1], [0, 0], [1, 0.5]), "from 0 up"),
        (([0, 1], [0, 0], [1, np.inf]), "finite"),
        (([0, 1], [0, 0], [np.nan, np.nan]), "no well has a response"),
        (([0, 1], [0], [1, 0.5]), "two doses"),
    ],
)
def test_wells_that_make_no_matrix_are_refused(wells: tuple[list[float], ...], message: str) -> None:
    with pytest.raises(InputError, match=message):
        Matrix.of_wells(*wells)


def test_options_that_are_none_are_refused() -> None:
    for options in ({"single": "x"}, {"beyond": "x"}, {"skip": frozenset({"Bliss"})}, {"skip": frozenset({"x"})}):
        with pytest.raises(InputError):
            Options(**options)  # type: ignore[arg-type]


def test_a_constant_response_is_a_flag_and_no_number_of_a_curve() -> None:
    found = analyse(made(np.ones(D1.size)), draws=10)
    assert sum("too little for an EC50" in flag for flag in found.flags) == 2
    assert found["Bliss"].value == pytest.approx(0)
    assert all(one.verdict in ("no difference", "not estimated") for one in found.references.values())


def test_an_isobole_is_read_only_where_doses_were_tested() -> None:
    found = analyse(made(bliss(ONE(D1), TWO(D2))), draws=0)
    table = found.isobole(0.5)
    alone = table[table.kind == "alone"]
    assert float(alone.dose_1.max()) == pytest.approx(float(ONE.dose(0.5)), rel=0.15)
    assert (table[table.kind == "additive"]["index"] - 1).abs().max() < 1e-9
    assert not (found.isobole(0.15).kind == "additive").any()  # A levels off at 20 %
    with pytest.raises(InputError):
        found.isobole(1.0)


def test_a_number_at_the_end_of_its_fit_says_so() -> None:
    """Potency shifted by seven decades, where a fit goes to four: the number, its row and the flags say that."""
    doses = np.array([0, 0.1, 0.3, 1, 3, 10])
    x, y = (grid.ravel() for grid in np.meshgrid(doses, doses, indexing="ij"))
    truth = MuSyC(Hill(1, 0.3, 1.2, 1.0), Hill(1, 0.9, 1.0, 30.0), E3=0.05, alpha12=1e7)(x, y)
    found = analyse(Matrix.of_wells(x, y, truth, names=("a", "b"), units=("nM", "nM")), draws=0)
    assert "end of what is allowed (4)" in found["log10_alpha12"].note
    assert any(flag.startswith("log10_alpha12: at the end") for flag in found.flags)
    notes = dict(zip(found.surfaces()["number"], found.surfaces()["note"], strict=True))
    assert notes["log10_alpha12"] == found["log10_alpha12"].note
    assert notes["log10_alpha21"] == ""
    assert at_an_end("log10_gamma12", Estimate(0.2, low=-1.0, high=0.5)).startswith("its interval ends")
    assert at_an_end("kappa", Estimate(-2.0))
    assert at_an_end("beta", Estimate(5.0)) == ""
