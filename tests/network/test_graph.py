"""The graph and the compiled code say what the expression says, and so do their derivatives."""

import cmath
import math
from collections.abc import Iterable

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from cereblon.network.expression import Expression, parse
from cereblon.network.graph import Graph
from cereblon.network.network import Network

POINT = {"p": 1.7, "q": 0.6, "n": 2.3}
STATE = {"A": 0.9, "B": 2.1}
TIME = 1.3

LEAVES = st.sampled_from(["p", "q", "n", "[A]", "[B]", "time", "2", "0.5", "3", "1", "0"])


def larger(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    return st.one_of(
        st.tuples(inner, st.sampled_from("+-*/"), inner).map(lambda t: f"({t[0]} {t[1]} {t[2]})"),
        inner.map(lambda t: f"-{t}"),
        st.tuples(st.sampled_from(["exp", "log", "sqrt"]), inner).map(lambda t: f"{t[0]}({t[1]})"),
        st.tuples(inner, st.sampled_from(["2", "-1", "3", "-3", "0.5", "1.5", "n", "0", "1", "q"])).map(
            lambda t: f"({t[0]}) ^ {t[1]}"
        ),
        # K = 0 has no meaning, so K is drawn from what is positive
        st.tuples(inner, st.sampled_from(["p", "2", "[B]"]), st.sampled_from(["1", "2", "n", "1.5", "[B]"])).map(
            lambda t: f"hill({t[0]}, {t[1]}, {t[2]})"
        ),
        st.tuples(st.sampled_from(["min", "max", "pow"]), inner, inner).map(lambda t: f"{t[0]}({t[1]}, {t[2]})"),
    )


EXPRESSIONS = st.recursive(LEAVES, larger, max_leaves=10)


IEEE = {
    "+": np.add, "-": np.subtract, "*": np.multiply, "/": np.divide, "neg": np.negative, "exp": np.exp, "log": np.log,
    "sqrt": np.sqrt, "pow": np.power, "min": np.minimum, "max": np.maximum, "step": lambda a, b: np.float64(a >= b),
    "hill": lambda x, K, n: 1 / (1 + (K / x) ** n) if x > 0 else x * 0,
}  # fmt: skip


def walk(graph: Graph, node: int, state: dict[str, float] = STATE) -> float:
    """The value of a node by IEEE arithmetic."""
    return float(walked(graph, node, state)[node])


def overflows(graph: Graph, node: int) -> bool:
    """Whether something on the way is infinite: 1/0 within a hill, or the slope of a root at 0."""
    return any(np.isinf(value) for value in walked(graph, node).values())


def walked(graph: Graph, node: int, state: dict[str, float] = STATE) -> dict[int, np.float64]:
    """The values of a node and of all that it needs."""
    values: dict[int, np.float64] = {}
    slots = {"parameter": list(POINT.values()), "state": list(state.values())}
    for current in graph.needed([node]):
        operation, operands = graph.nodes[current]
        if operation == "number":
            values[current] = np.float64(operands[0])
        elif operation == "time":
            values[current] = np.float64(TIME)
        elif operation in slots:
            values[current] = np.float64(slots[operation][int(operands[0])])
        else:
            with np.errstate(all="ignore"):
                values[current] = IEEE[operation](*(values[int(o)] for o in operands))
    return values


def graphed(expression: Expression) -> tuple[Graph, int, dict[str, int]]:
    graph = Graph()
    parameters = {name: graph.parameter(i) for i, name in enumerate(POINT)}
    states = {name: graph.state(i) for i, name in enumerate(STATE)}
    return graph, graph.expression(expression, parameters, states), states


def at(expression: Expression, step: Iterable[tuple[str, float]] = ()) -> float:
    moved = {**STATE, "time": TIME}
    for name, change in step:
        moved[name] += change
    try:
        value = expression.evaluate(POINT, moved, moved["time"])
    except (ArithmeticError, ValueError, TypeError):
        return math.nan
    return value if isinstance(value, float | int) and abs(value) < 1e30 else math.nan


@given(EXPRESSIONS)
@settings(max_examples=4 * settings().max_examples)
def test_the_graph_has_the_value_of_the_expression(text: str) -> None:
    expression = parse(text)
    expected = at(expression)
    assume(math.isfinite(expected))
    graph, node, _ = graphed(expression)
    assume(not overflows(graph, node))
    # cancellation magnifies the last bits of an intermediate: judge against how far nearby values spread
    spread = max(abs(at(expression, [(name, 1e-10)]) - expected) for name in (*STATE, "time"))
    assume(math.isfinite(spread))
    assert walk(graph, node) == pytest.approx(expected, rel=1e-11, abs=1e-10 + spread)


@given(EXPRESSIONS, st.sampled_from(["A", "B", "time"]))
@settings(max_examples=6 * settings().max_examples)
def test_slopes_agree_with_differences(text: str, variable: str) -> None:
    expression = parse(text)
    h = 1e-4
    values = [at(expression, [(variable, k * h)]) for k in (-2, -1, 0, 1, 2)]
    assume(all(math.isfinite(v) for v in values))
    wide = (values[4] - values[0]) / (4 * h)
    fine = (values[3] - values[1]) / (2 * h)
    assume(abs(wide - fine) < 1e-4 * (1 + abs(fine)))  # smooth here: no corner of min, max or hill
    assume(abs(values[3] - 2 * values[2] + values[1]) < 1e-4 * (1 + abs(values[2])))
    graph, node, states = graphed(expression)
    derivative = graph.slope(node, states.get(variable, graph.time()))
    assume(not overflows(graph, derivative))
    slope = walk(graph, derivative)
    assert slope == pytest.approx((4 * fine - wide) / 3, rel=1e-5, abs=1e-6 * (1 + abs(values[2]) / h * 1e-7))


def test_slope_of_a_smooth_expression_against_the_complex_step() -> None:
    graph, node, states = graphed(parse("p * [A]^n / (q^n + [A]^n) * exp(-[A] * time) + log([A] * [B]) / sqrt([A])"))

    def f(a: complex) -> complex:
        p, q, n, b, t = *POINT.values(), STATE["B"], TIME
        return p * a**n / (q**n + a**n) * cmath.exp(-a * t) + cmath.log(a * b) / cmath.sqrt(a)

    judge = f(STATE["A"] + 1e-200j).imag / 1e-200
    assert walk(graph, graph.slope(node, states["A"])) == pytest.approx(judge, rel=1e-13)


@pytest.mark.parametrize("order", ["1", "2", "n", "q"])
@pytest.mark.parametrize("x", [-1e300, -1.0, -1e-300, -0.0, 0.0])
def test_hill_and_its_slope_are_finite_where_nothing_is_bound(x: float, order: str) -> None:
    graph, node, states = graphed(parse(f"hill([A], p, {order})"))
    state = {**STATE, "A": x}
    assert walk(graph, node, state) == pytest.approx(0.0, abs=1e-290)
    slope = walk(graph, graph.slope(node, states["A"]), state)
    assert math.isfinite(slope)
    if x < 0:
        assert slope == 0.0


def compiled(texts: list[str], values: dict[str, float], states: dict[str, float], time: float) -> np.ndarray:
    """Values (subjects, texts) of expressions in machine code: as read-outs at the start."""
    net = Network("read-outs")
    for name in values:
        net.parameter(name, "1")
    for name, value in states.items():
        net.add_species(name, "nM", initial=repr(value) if value >= 0 else f"-{-value!r}")
    for k, text in enumerate(texts):
        net.observable(f"o{k}", "1", text)
    names = [f"o{k}" for k in range(len(texts))]
    return net.simulate(values, [time], start=time, observe=names, check=False).values[:, 0]


@given(st.lists(EXPRESSIONS, min_size=25, max_size=25))
@settings(max_examples=settings().max_examples // 8)  # each compiles
def test_machine_code_has_the_value_of_the_expression(texts: list[str]) -> None:
    found = compiled(texts, dict(POINT), STATE, TIME)[0]
    for text, value in zip(texts, found.tolist(), strict=True):
        expression = parse(text)
        expected = at(expression)
        spread = max(abs(at(expression, [(name, 1e-10)]) - expected) for name in (*STATE, "time"))
        if math.isfinite(expected) and math.isfinite(spread):
            assert value == pytest.approx(expected, rel=1e-11, abs=1e-10 + spread), text


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("hill([A], p, 1)", 0.0), ("hill([A], p, 3)", 0.0), ("hill([A], p, n)", 0.0), ("hill([A], p, 1.5)", 0.0),
        ("[A] ^ 2", 1.0), ("[A] ^ 3", -1.0), ("pow([A], 2)", 1.0), ("[Z] ^ n", 0.0), ("[Z] ^ 0.5", 0.0),
        ("[Z] ^ 0", 1.0),
        ("pow([Z], q - q)", 1.0), ("sqrt([Z])", 0.0), ("[Z] ^ -1", math.inf), ("1 / [Z]", math.inf),
        ("log([Z])", -math.inf),
        ("min([A], [Z])", -1.0), ("max([A], [Z])", 0.0), ("max([A], 0) + min(0, 3)", 0.0), ("hill([X], p, 8)", 1.0),
        ("hill([X], p, n)", 1.0), ("hill([X], p, 4)", 1.0), ("exp([X])", math.inf), ("exp(-[X])", 0.0),
    ],
)  # fmt: skip
def test_machine_code_at_the_edges(text: str, expected: float) -> None:
    found = compiled([text], dict(POINT), {"A": -1.0, "Z": 0.0, "X": 1e60}, 0.0)[0, 0]
    assert found == pytest.approx(expected, abs=1e-100)


@pytest.mark.parametrize(
    "text", ["max(0, bad)", "max(bad, 0)", "min(0, bad)", "min(bad, 0)", "max(0, bad * [A])", "min([A], bad)",
             "hill([A], bad, 2)", "hill(bad, p, 2)", "hill([A], p, bad)", "hill([A], bad, n)", "bad ^ 2", "[Z] ^ bad",
             "exp(bad)", "log(bad)", "sqrt(bad)", "[A] / bad", "pow(bad, n)"],
)  # fmt: skip
def test_a_number_that_is_none_is_never_hidden(text: str) -> None:
    assert math.isnan(compiled([text], {**POINT, "bad": math.nan}, {"A": 2.0, "Z": 0.0}, 0.0)[0, 0])


def test_a_very_deep_chain_of_derived_numbers_compiles() -> None:
    net = Network("chain")
    net.parameter("x0", "1")
    for k in range(1, 3000):
        net.derive(f"x{k}", "1", f"x{k - 1} + 1")
    net.add_species("A", "1")
    net.observable("last", "1", "x2999 + [A]")
    assert net.simulate({"x0": 0.0}, [0.0])["last"][0] == 2999
