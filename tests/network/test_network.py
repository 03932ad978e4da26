"""How a network is written, what it refuses, how networks add and move."""

from collections.abc import Callable

import numpy as np
import pytest

from cereblon.ground.errors import AddressError, CereblonError, InputError, NetworkError, SchemeError
from cereblon.network.network import Network


def turnover(name: str = "turnover") -> Network:
    net = Network(name)
    net.parameter("T.total", "nM", "baseline", value=10.0)
    net.parameter("T.k_deg", "1/h", "basal loss", value="2.4 1/d")
    net.derive("T.k_syn", "nM/h", "T.k_deg * T.total", "synthesis")
    net.add_species("T", "nM", initial="T.total", scale="T.total")
    net.reaction("0 -> T", rate="T.k_syn")
    net.reaction("T -> 0", forward="T.k_deg")
    net.observable("T.percent", "%", "[T] / T.total")
    return net


def test_a_network_runs_with_its_defaults_and_their_units() -> None:
    traj = turnover().simulate({}, [0, 10, 1000])
    assert np.array_equal(traj["T"], [10, 10, 10])
    assert traj["T.percent"].tolist() == [100, 100, 100]
    assert traj.unit("T.percent") == "%"


def test_values_given_to_the_engine_are_coherent() -> None:
    net = turnover() + Network("drop")
    traj = net.simulate({"T.k_deg": 0.1, "T.total": 1.0}, [0, 5])
    assert traj["T"].tolist() == [1, 1]


def test_read_outs_come_in_their_declared_unit() -> None:
    net = turnover()
    net.observable("T.small", "pM", "[T]")
    net.add_species("W", "uM", initial="2000")
    traj = net.simulate({}, [0])
    assert traj["T.small"][0] == pytest.approx(10_000)
    assert traj["W"][0] == 2  # initial values are coherent: 2000 nM


def test_derived_numbers_can_be_read_out_in_any_order_of_declaration() -> None:
    net = Network("order")
    net.derive("c", "1", "a + b")
    net.derive("b", "1", "2 * a")
    net.parameter("a", "1")
    net.add_species("X", "1")
    assert net.simulate({"a": 3.0}, [0], observe=["c", "b", "a", "X"]).values[0, 0].tolist() == [9, 6, 3, 0]


def broken(change: Callable[[Network], object]) -> NetworkError:
    net = turnover()

    def write_and_check() -> None:
        change(net)
        net.check()

    with pytest.raises(NetworkError) as caught:
        write_and_check()
    assert "\n" not in str(caught.value)
    return caught.value


def test_a_circle_of_derived_numbers_is_named() -> None:
    def circle(net: Network) -> None:
        net.derive("a", "1", "b + 1")
        net.derive("b", "1", "c")
        net.derive("c", "1", "a")

    assert "itself" in str(broken(circle))


def test_a_derived_number_that_reads_itself_is_refused() -> None:
    assert "itself" in str(broken(lambda net: net.derive("a", "1", "a")))


@pytest.mark.parametrize(
    ("change", "word"),
    [
        (lambda n: n.reaction("T -> 0", forward="T.k_dge"), "T.k_deg"),
        (lambda n: n.reaction("T -> 0", rate="T.k_deg * [TT]"), "T"),
        (lambda n: n.derive("x", "nM", "T.totall"), "T.total"),
        (lambda n: n.observable("x", "nM", "[S]"), "S"),
        (lambda n: n.add_species("S", initial="S0"), "S0"),
        (lambda n: n.place("p", volume="p.volume"), "p.volume"),
    ],
)
def test_unknown_names_are_refused_with_the_nearest(change: Callable[[Network], object], word: str) -> None:
    assert word in str(broken(change))


@pytest.mark.parametrize(
    "change",
    [
        lambda n: n.reaction("T -> 0", forward="T.total"),
        lambda n: n.reaction("T -> 0", rate="T.k_deg"),
        lambda n: n.reaction("T -> 0", rate="[T] * T.total"),
        lambda n: n.derive("x", "nM", "T.total + T.k_deg"),
        lambda n: n.derive("x", "nM", "T.total * T.total"),
        lambda n: n.derive("x", "nM", "exp(T.total)"),
        lambda n: n.derive("x", "1", "log(T.total)"),
        lambda n: n.derive("x", "1", "2 ^ T.total"),
        lambda n: n.derive("x", "1", "hill(T.total, T.k_deg, 2)"),
        lambda n: n.derive("x", "1", "hill(T.total, T.total, T.total)"),
        lambda n: n.derive("x", "nM", "min(T.total, T.k_deg)"),
        lambda n: n.derive("x", "nM", "sqrt(T.total)"),
        lambda n: n.observable("x", "nM", "time"),
        lambda n: n.observable("x", "%", "[T]"),
        lambda n: n.add_species("S", "nM", initial="T.k_deg"),
        lambda n: n.add_species("S", "nM", scale="T.k_deg"),
        lambda n: n.add_species("S", "nM", volume="T.total"),
        lambda n: n.place("p", volume="T.total"),
    ],
)
def test_units_that_do_not_fit_are_refused(change: Callable[[Network], object]) -> None:
    broken(change)


@pytest.mark.parametrize(
    "change",
    [
        lambda n: n.derive("x", "nM", "T.total * 1 + 0"),
        lambda n: n.derive("x", "nM", "sqrt(T.total * T.total)"),
        lambda n: n.derive("x", "nM", "T.total ^ 2 / T.total"),
        lambda n: n.derive("x", "nM", "(T.total ^ 0.5) ^ 2"),
        lambda n: n.derive("x", "nM", "max(0, T.total)"),
        lambda n: n.derive("x", "1", "hill(T.total, T.total, 2)"),
        lambda n: n.observable("x", "1", "exp(-T.k_deg * time)"),
        lambda n: n.reaction("T -> 0", rate="0.001 * T.k_deg * [T] * exp(-time * T.k_deg)"),
    ],
)
def test_units_that_fit_are_accepted(change: Callable[[Network], object]) -> None:
    net = turnover()
    change(net)
    net.check()


def test_what_is_fixed_per_subject_reads_no_species_and_no_time() -> None:
    broken(lambda n: n.derive("x", "nM", "[T]"))
    broken(lambda n: n.derive("x", "h", "time"))
    broken(lambda n: n.add_species("S", initial="[T]"))


@pytest.mark.parametrize(
    "scheme", ["T -> S", "T:g -> T", "2 T -> T", "T -> 2 T", "T + g -> T:g:g", "T:T -> T", "T@a -> S@b"]
)
def test_mass_that_does_not_balance_is_refused(scheme: str) -> None:
    error = broken(lambda n: n.reaction(scheme, rate="T.k_syn"))
    assert "mass" in str(error)


@pytest.mark.parametrize(
    "scheme",
    ["T -> T*", "T~Ub1 -> T~Ub2", "T@a -> T@b", "2 T -> T:T", "T:g + S -> T:g:S~P", "T:g:S~Ub4 -> T:g + 0", "0 -> T:g"],
)
def test_forms_places_and_what_is_said_to_be_open_balance(scheme: str) -> None:
    net = turnover()
    net.reaction(scheme, rate="T.k_syn")
    net.check()


@pytest.mark.parametrize(
    "change",
    [
        lambda n: n.parameter("T.total", "nM", "something else"),
        lambda n: n.parameter("T.total", "uM", "baseline", value=10.0),
        lambda n: n.derive("T.k_syn", "nM/h", "T.total * 1"),
        lambda n: n.add_species("T", "nM", initial="0"),
        lambda n: n.observable("T.percent", "1", "[T] / T.total"),
        lambda n: n.derive("T.total", "nM", "1 * T.total"),
        lambda n: n.parameter("T.k_syn", "nM/h"),
        lambda n: n.observable("T", "nM", "2 * [T]"),
        lambda n: n.parameter("time", "h"),
    ],
    ids=["meaning", "unit", "derived", "species", "observable", "derived parameter", "parameter derived",
         "observable named as a species", "time"],
)  # fmt: skip
def test_one_name_has_one_meaning(change: Callable[[Network], object]) -> None:
    broken(change)


def test_a_contradiction_between_added_networks_is_refused() -> None:
    other = Network("other")
    other.parameter("T.total", "nM", "quite another", value=3.0)
    with pytest.raises(NetworkError, match=r"T\.total"):
        turnover() + other
    derived = Network("derived")
    derived.parameter("x", "nM", value=1.0)
    derived.derive("T.total", "nM", "x")
    with pytest.raises(NetworkError):
        (turnover() + derived).check()


@pytest.mark.parametrize("name", ["", "a b", "1a", "a..b", "a@", "a@b@c", "../x", "α", "a" * 10 + "\n", "[a]", "a:b"])
def test_a_name_that_is_none_is_refused(name: str) -> None:
    with pytest.raises(CereblonError):
        Network("x").parameter(name, "nM")


def test_an_unknown_unit_is_refused() -> None:
    for text in ("furlong", "nm", "9**9**9", "nM/", "kd", "nM + nM", "cycle"):
        with pytest.raises(InputError):
            Network("x").parameter("a", text)


def test_a_network_plus_itself_is_itself() -> None:
    twice = turnover() + turnover()
    assert len(twice.reactions) == 2
    assert np.array_equal(twice.simulate({}, [0, 7])["T"], turnover().simulate({}, [0, 7])["T"])


def test_adding_leaves_the_parts_as_they_were() -> None:
    a, b = turnover(), Network("b")
    b.reaction("T -> U + 0", rate="T.k_syn")
    assert "U" in (a + b).species
    assert "U" not in a.species
    assert len(a.reactions) == 2


def test_one_spelling_or_another_is_the_same_reaction() -> None:
    net = turnover()
    net.reaction("T->0", forward="T.k_deg")
    net.reaction(" T   ->  0 ", forward="T.k_deg")
    assert len(net.reactions) == 2
    assert len(net.at("tumour").reactions) == 2


def test_two_ways_between_the_same_species_are_two_reactions() -> None:
    net = turnover()
    net.reaction("T -> 0", forward="2 * T.k_deg")
    assert len(net.reactions) == 3


def test_a_declared_species_wins_over_one_that_a_reaction_names() -> None:
    first = Network("a")
    first.reaction("T -> T*", rate="0 * [T] / 1")
    for joined in (first + turnover(), turnover() + first):
        assert str(joined.species["T"].initial) == "T.total"


def test_at_gives_a_place_to_all_but_the_shared_and_the_placed() -> None:
    net = turnover()
    net.parameter("g.Kd", "nM", "affinity", shared=True, value=5.0)
    net.add_species("g@medium", "nM", initial="g.Kd")
    net.reaction("g@medium -> g", rate="T.k_deg * [g@medium]")
    net.derive("ratio", "1", "T.total / g.Kd")
    placed = net.at("tumour")
    assert set(placed.parameters) == {"T.total@tumour", "T.k_deg@tumour", "g.Kd"}
    assert set(placed.derived) == {"T.k_syn@tumour", "ratio@tumour"}
    assert set(placed.species) == {"T@tumour", "g@medium", "g@tumour"}
    assert set(placed.observables) == {"T.percent@tumour"}
    placed.check()
    assert np.array_equal(placed.simulate({}, [0, 9])["T.percent@tumour"], [100, 100])
    assert set(placed.at("marrow").species) == set(placed.species)


def test_two_places_run_side_by_side_as_each_alone() -> None:
    both = turnover().at("a") + turnover().at("b")
    values = {"T.total@a": 3.0, "T.total@b": 7.0, "T.k_deg@b": 0.5}
    traj = both.simulate(values, [0, 5])
    for place in ("a", "b"):
        alone = turnover().at(place).simulate({n: v for n, v in values.items() if n.endswith(place)}, [0, 5])
        assert np.allclose(traj[f"T@{place}"], alone[f"T@{place}"], rtol=1e-14)


def test_an_unknown_read_out_names_the_nearest() -> None:
    traj = turnover().simulate({}, [0])
    with pytest.raises(AddressError, match=r"T\.percent"):
        traj["T.percnt"]
    with pytest.raises(NetworkError, match=r"T\.percent"):
        turnover().simulate({}, [0], observe=["T.percnt"])


def test_the_table_lists_scheme_and_rate() -> None:
    table = turnover().table()
    assert list(table["reaction"]) == ["0 -> T", "T -> 0"]
    assert list(table["rate"]) == ["T.k_syn", "T.k_deg * [T]"]


def test_an_empty_network_runs_to_an_empty_trajectory() -> None:
    traj = Network("empty").simulate({}, [0, 1])
    assert traj.ok
    assert traj.values.shape == (1, 2, 0)


def test_a_rate_that_is_no_arithmetic_is_refused_before_anything_is_changed() -> None:
    net = turnover()
    with pytest.raises(SchemeError):
        net.reaction("T -> X", rate="__import__('os')")
    assert "X" not in net.species


def test_a_trajectory_prints_and_tabulates() -> None:
    traj = turnover().simulate({"T.k_deg": [0.1, np.nan]}, [0, 5])
    table = traj.table()
    assert list(table.columns) == ["subject", "time", "T.percent", "T"]
    assert len(table) == 4
    assert "1 failed" in str(traj)
    assert "not finite" in str(traj)


def test_a_slope_that_cancels_to_nothing_is_no_obstacle() -> None:
    net = Network("cancels")
    for name in ("A", "B"):
        net.add_species(name, "1", initial="1")
    net.reaction("0 -> A", rate="[B] - [B]")
    net.reaction("B -> 0", forward="1")
    assert net.simulate({}, [0, 1], check=False)["A"].tolist() == [1.0, 1.0]


def test_what_is_written_after_a_check_is_checked():
    net = Network("decay")
    net.parameter("k_deg", "1/h", value=1.0)
    net.add_species("IKZF1", "nM", initial="1", scale="1")
    net.reaction("IKZF1 -> 0", forward="k_deg")
    net.check()
    net.check()
    net.observable("half", "nM", "[IKZF3] / 2")
    with pytest.raises(NetworkError, match="IKZF3"):
        net.check()
