"""Outside judges of the engine: SciPy's Radau, libRoadRunner (CVODE), pydiffsol (BDF), run as a careful user does.

Each integrates from dose to dose and is started anew after each jump; samples are taken before a dose of the same
moment. Nothing here uses our kernel, driver or integrator: the equations are read off the network by plain NumPy.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from diffsl import diffsl
from numpy.typing import ArrayLike, NDArray

from cereblon.exchange.names import sid
from cereblon.exchange.sbml import to_sbml
from cereblon.network.dosing import Dose
from cereblon.network.expression import Expression
from cereblon.network.network import Network

Floats = NDArray[np.float64]
Code = Callable[[Any, Any], Any]  # (time, concentrations) -> value

ATOL = 1e-3  # absolute tolerance of a species: ATOL rtol scale, as in the engine


def _hill(x: Any, K: Any, n: Any) -> Any:
    safe = np.where(np.real(x) > 0, x, 1.0)
    return np.where(np.real(x) > 0, 1 / (1 + (K / safe) ** n), 0.0)


ARITHMETIC: dict[str, Callable[..., Any]] = {
    "+": lambda a, b: a + b,
    "-": lambda a, b: a - b,
    "*": lambda a, b: a * b,
    "/": lambda a, b: a / b,
    "^": lambda a, b: a**b,
    "pow": lambda a, b: a**b,
    "neg": lambda a: -a,
    "exp": np.exp,
    "log": np.log,
    "sqrt": np.sqrt,
    "hill": _hill,
    "min": lambda a, b: np.where(np.real(a) <= np.real(b), a, b),
    "max": lambda a, b: np.where(np.real(a) >= np.real(b), a, b),
}


class Equations:
    """A network with its numbers as NumPy functions of time and concentrations (species,) or (species, columns)."""

    def __init__(self, network: Network, values: Mapping[str, float]) -> None:
        self.network = network
        self.species = list(network.species)
        given = {name: values.get(name, p.value) for name, p in network.parameters.items()}
        self.numbers: dict[str, float] = {name: float(value) for name, value in given.items() if value is not None}
        left = dict(network.derived)
        while left:
            ready = [n for n, d in left.items() if d.expression.parameters <= self.numbers.keys()]
            for name in ready:
                self.numbers[name] = float(self._constant(left.pop(name).expression))
        every = [network.species[name] for name in self.species]
        self.initial = np.array([self._constant(s.initial) for s in every], dtype=float)
        self.scale = np.array([self._constant(s.scale) for s in every], dtype=float)
        self.volume = np.array([self._constant(network.volume(name)) for name in self.species], dtype=float)
        self.rates = [self._code(r.rate) for r in network.reactions]
        self.stoichiometry = np.zeros((len(self.species), len(self.rates)))
        for j, reaction in enumerate(network.reactions):
            anchor = self.volume[self.species.index(reaction.anchor)]
            for name, count in reaction.stoichiometry.items():
                i = self.species.index(name)
                self.stoichiometry[i, j] = count * anchor / self.volume[i]

    def _constant(self, expression: Expression) -> Any:
        return self._code(expression)(0.0, ())

    def _code(self, expression: Expression) -> Code:
        return expression.fold(self._leaf, self._apply)  # type: ignore[return-value]

    def _leaf(self, kind: str, value: str | float) -> Code:
        if kind == "species":
            i = self.species.index(str(value))
            return lambda time, y: y[i]
        if kind == "time":
            return lambda time, y: time
        number = float(value) if kind == "number" else self.numbers[str(value)]
        return lambda time, y: number

    def _apply(self, name: str, arguments: list[Code]) -> Code:
        function = ARITHMETIC[name]
        if len(arguments) == 2:
            a, b = arguments
            return lambda time, y: function(a(time, y), b(time, y))
        return lambda time, y: function(*(argument(time, y) for argument in arguments))

    def change(self, time: float, y: Any) -> Any:
        """dy/dt."""
        y = np.asarray(y)
        rates = np.zeros((len(self.rates), *y.shape[1:]), dtype=y.dtype)
        for j, rate in enumerate(self.rates):
            rates[j] = rate(time, y)
        return self.stoichiometry @ rates

    def jacobian(self, time: float, y: Floats) -> Floats:
        """d(dy/dt)/dy by complex steps, exact to rounding."""
        step = 1e-40
        columns = y[:, None] + 1j * step * np.eye(len(y))
        return np.imag(self.change(time, columns)) / step

    def read(self, outputs: Sequence[str], times: Floats, states: Floats) -> Floats:
        """Read-outs (times, outputs) of states (times, species); names of observables or species."""
        columns = []
        for name in outputs:
            known = self.network.observables.get(name)
            expression = known.expression if known else Expression((("species", name),))
            columns.append(np.broadcast_to(self._code(expression)(times, states.T), times.shape))
        return np.stack(columns, axis=1)


@dataclass(frozen=True)
class Leg:
    """A stretch without jumps: the jumps in amount and the infusions (amount per h) that begin it, its samples."""

    begin: float
    end: float
    jumps: tuple[tuple[str, float], ...]
    infused: tuple[tuple[str, float], ...]
    times: tuple[float, ...]


def legs(doses: Iterable[Dose], times: ArrayLike, numbers: Mapping[str, float]) -> list[Leg]:
    """Cut a run from 0 to the last sample at every dose and every end of an infusion."""
    samples = sorted(float(t) for t in np.ravel(times))
    end = samples[-1]
    boluses: list[tuple[float, str, float]] = []
    infusions: list[tuple[float, float, str, float]] = []
    for dose in doses:
        amount = dose.amt * (numbers[dose.F] if dose.F else 1.0)
        for k in range(dose.addl + 1):
            begin = dose.time + k * dose.ii + (numbers[dose.lag] if dose.lag else 0.0)
            length = amount / dose.rate if dose.rate else dose.duration
            if length:
                infusions.append((begin, begin + length, dose.species, amount / length))
            else:
                boluses.append((begin, dose.species, amount))
    moments = {0.0, end, *(b[0] for b in boluses), *(t for i in infusions for t in i[:2])}
    grid = sorted(t for t in moments if 0 <= t <= end)
    result = []
    for begin, until in itertools.pairwise(grid):
        jumps = tuple((name, amount) for time, name, amount in boluses if time == begin)
        running = tuple((name, rate) for start, stop, name, rate in infusions if start <= begin < stop)
        inside = tuple(t for t in samples if (begin < t or begin == t == 0.0) and t <= until)
        result.append(Leg(begin, until, jumps, running, inside))
    return result


def stops(wanted: list[float], end: float) -> list[float]:
    """The samples and the end of a leg, ascending, each once."""
    return wanted if wanted and wanted[-1] == end else [*wanted, end]


def sample_at_start(leg: Leg) -> bool:
    """Whether the first sample is at time 0, which is before the doses of time 0."""
    return bool(leg.times) and leg.times[0] == 0.0


def radau(equations: Equations, cut: Sequence[Leg], rtol: float) -> tuple[Floats, Floats]:
    """Sample times and states (times, species) by SciPy's Radau with the exact Jacobian."""
    from scipy.integrate import solve_ivp

    y = equations.initial.copy()
    kept_times, kept = [], []
    for leg in cut:
        wanted = list(leg.times)
        if sample_at_start(leg):
            kept_times.append(wanted.pop(0))
            kept.append(y.copy())
        for name, amount in leg.jumps:
            i = equations.species.index(name)
            y[i] += amount / equations.volume[i]
        flow = np.zeros(len(y))
        for name, rate in leg.infused:
            i = equations.species.index(name)
            flow[i] += rate / equations.volume[i]
        solved = solve_ivp(
            lambda t, x, flow=flow: equations.change(t, x) + flow,
            (leg.begin, leg.end), y, "Radau", t_eval=stops(wanted, leg.end), jac=equations.jacobian,
            rtol=rtol, atol=ATOL * rtol * equations.scale,
        )  # fmt: skip
        assert solved.success, solved.message
        kept_times += wanted
        kept += list(solved.y.T[: len(wanted)])
        y = solved.y[:, -1].copy()
    return np.array(kept_times), np.array(kept)


class RoadRunner:
    """One subject in libRoadRunner, loaded from our SBML; `run` restarts CVODE at each dose."""

    def __init__(self, equations: Equations, values: Mapping[str, float], outputs: Sequence[str]) -> None:
        import roadrunner

        roadrunner.Logger.setLevel(roadrunner.Logger.LOG_ERROR)
        self.equations = equations
        self.engine = roadrunner.RoadRunner(to_sbml(equations.network, values))
        network = equations.network
        model = self.engine.model
        floating = list(model.getFloatingSpeciesIds())
        names = {sid("s", n): i for i, n in enumerate(equations.species)}
        # what is no concentration (a rate, a volume) is a parameter of SBML with a rate rule
        ids = [sid("o", n) if n in network.observables else sid("s", n) for n in outputs]
        self.engine.timeCourseSelections = ["time", *(f"[{i}]" if i in floating else i for i in ids)]
        order = [model.getStateVectorId(i) for i in range(len(names))]
        assert sorted(order) == sorted(names)
        self.slots = {n: floating.index(sid("s", n)) for n in equations.species if sid("s", n) in floating}
        # CVODE's states are amounts where they are species
        amount = np.where([sid("s", n) in floating for n in equations.species], equations.volume, 1.0)
        self.size = [float((equations.scale * amount)[names[identifier]]) for identifier in order]

    @cached_property
    def volume(self) -> dict[str, float]:
        return dict(zip(self.equations.species, self.equations.volume, strict=True))

    def run(self, cut: Sequence[Leg], rtol: float) -> Floats:
        """Read-outs (times, outputs)."""
        engine = self.engine
        engine.resetToOrigin()
        engine.integrator.relative_tolerance = rtol
        engine.integrator.absolute_tolerance = [ATOL * rtol * size for size in self.size]
        model, rows = engine.model, []
        for leg in cut:
            if leg.infused:
                raise ValueError("infusions are not run segment by segment")
            wanted = list(leg.times)
            if sample_at_start(leg):
                rows.append([engine.getValue(name) for name in engine.timeCourseSelections[1:]])
                wanted.pop(0)
            for name, amount in leg.jumps:
                slot = self.slots[name]
                now = model.getFloatingSpeciesConcentrations([slot])[0]
                model.setFloatingSpeciesConcentrations([slot], [now + amount / self.volume[name]])
            result = np.asarray(engine.simulate(times=[leg.begin, *stops(wanted, leg.end)]))
            rows.extend(result[1 : 1 + len(wanted), 1:])
        return np.array(rows, dtype=float)


class RoadRunnerEvents:
    """The same with the doses as SBML events, which CVODE finds by itself."""

    def __init__(
        self, equations: Equations, values: Mapping[str, float], outputs: Sequence[str], doses: Iterable[Dose]
    ) -> None:
        self.inner = RoadRunner(equations, values, outputs)
        import roadrunner

        selected = self.inner.engine.timeCourseSelections
        self.inner.engine = roadrunner.RoadRunner(to_sbml(equations.network, values, doses))
        self.inner.engine.timeCourseSelections = selected

    def run(self, times: Sequence[float], rtol: float) -> Floats:
        """Read-outs (times, outputs); a sample at a dose is after it."""
        engine = self.inner.engine
        engine.resetToOrigin()
        engine.integrator.relative_tolerance = rtol
        engine.integrator.absolute_tolerance = [ATOL * rtol * size for size in self.inner.size]
        start = [] if times[0] == 0 else [0.0]
        return np.asarray(engine.simulate(times=[*start, *times]))[len(start) :, 1:].copy()


class Diffsol:
    """Subjects of one network in pydiffsol: compiled once, parameters and initial values passed at each leg."""

    def __init__(self, network: Network, *, scaled: bool = True, solver: str = "bdf", linear: str = "lu") -> None:
        import pydiffsol

        self.scaled = scaled
        self.code = diffsl(network, scaled=scaled)
        self.ode = pydiffsol.Ode(
            self.code,
            matrix_type=pydiffsol.faer_sparse,
            linear_solver=getattr(pydiffsol, linear),
            ode_solver=getattr(pydiffsol, solver),
        )

    def run(self, equations: Equations, cut: Sequence[Leg], rtol: float, h0: float = 1e-3) -> Floats:
        """States (times, species)."""
        scale = equations.scale if self.scaled else np.ones(len(equations.scale))
        ode = self.ode
        ode.rtol, ode.atol = rtol, ATOL * rtol * (1.0 if self.scaled else float(np.median(equations.scale)))
        ode.h0 = h0
        n = len(equations.species)
        params = np.concatenate(
            [[equations.numbers[p] for p in equations.network.parameters], equations.initial / scale]
        )
        rows = []
        for leg in cut:
            if leg.infused:
                raise ValueError("infusions are not run segment by segment")
            wanted = list(leg.times)
            if sample_at_start(leg):
                rows.append(params[-n:] * scale)
                wanted.pop(0)
            for name, amount in leg.jumps:
                i = equations.species.index(name)
                params[-n + i] += amount / equations.volume[i] / scale[i]
            ode.t0 = leg.begin
            solved = ode.solve_dense(params, np.array(stops(wanted, leg.end)))
            rows.extend(solved.ys.T[: len(wanted)] * scale)
            params[-n:] = solved.ys[:, -1]
        return np.array(rows)
