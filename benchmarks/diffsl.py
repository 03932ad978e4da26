"""A network as DiffSL, the language of diffsol; parameters and initial states are inputs: compiled once for all."""

from __future__ import annotations

from collections.abc import Callable

from cereblon.network.expression import Expression
from cereblon.network.network import Network

FUNCTIONS: dict[str, Callable[..., str]] = {
    "neg": lambda a: f"(0.0 - {a})",
    "^": lambda a, b: f"pow({a}, {b})",
    "min": lambda a, b: f"min({a}, {b})",
    "max": lambda a, b: f"max({a}, {b})",
    # the derivative of pow at 0 would be NaN, and nothing is lost before the first dose
    "hill": lambda x, K, n: f"(pow(max({x}, 1e-30), {n}) / (pow({K}, {n}) + pow(max({x}, 1e-30), {n})))",
}


def diffsl(network: Network, *, scaled: bool = True) -> str:
    """The right-hand side of `network`, with slots for names.

    `scaled` divides every state by its scale, because diffsol takes one absolute tolerance for all.
    """
    parameters = {name: f"p{i}" for i, name in enumerate(network.parameters)}
    species = list(network.species)
    size = [f"c{i}" for i in range(len(species))]
    state = {name: f"(c{i} * x{i})" if scaled else f"x{i}" for i, name in enumerate(species)}
    lines, derived = [], dict(network.derived)
    while derived:
        for name in [n for n, d in derived.items() if d.expression.parameters <= parameters.keys()]:
            code = text(derived.pop(name).expression, parameters, state)
            parameters[name] = f"d{len(parameters)}"
            lines.append(f"{parameters[name]} {{ {code} }}")
    volumes: dict[Expression, str] = {}
    for name in species:
        volume = network.volume(name)
        if volume not in volumes:
            volumes[volume] = f"v{len(volumes)}"
            lines.append(f"{volumes[volume]} {{ {text(volume, parameters, state)} }}")
    if scaled:
        scales = (text(network.species[name].scale, parameters, state) for name in species)
        lines += [f"{c} {{ {code} }}" for c, code in zip(size, scales, strict=True)]
    change = dict.fromkeys(species, "")
    rates = []
    for j, reaction in enumerate(network.reactions):
        rates.append(f"r{j} {{ {text(reaction.rate, parameters, state)} }}")
        anchor = volumes[network.volume(reaction.anchor)]
        for name, count in reaction.stoichiometry.items():
            own = volumes[network.volume(name)]
            factors = [f"r{j}"] + ([f"{abs(count)}.0"] if abs(count) > 1 else [])
            factors += [f"{anchor} / {own}"] if own != anchor else []
            change[name] += (" - " if count < 0 else " + ") + " * ".join(factors)
    given = [f"p{i} = 1.0" for i in range(len(network.parameters))] + [f"i{i} = 0.0" for i in range(len(species))]
    rows = [f"({change[name] or ' 0.0'}){f' / c{i}' if scaled else ''}" for i, name in enumerate(species)]
    return "\n".join(
        (
            "in_i {" + ", ".join(given) + "}",
            *lines,
            "u_i {" + ", ".join(f"x{i} = i{i}" for i in range(len(species))) + "}",
            *rates,
            "F_i {" + ",\n".join(row.replace("( + ", "(") for row in rows) + "}",
        )
    )


def text(expression: Expression, parameters: dict[str, str], states: dict[str, str]) -> str:
    """An expression as DiffSL."""

    def leaf(kind: str, value: str | float) -> str:
        if kind == "number":
            return repr(float(value))
        return "t" if kind == "time" else (parameters if kind == "parameter" else states)[str(value)]

    def apply(name: str, arguments: list[str]) -> str:
        if name in FUNCTIONS:
            return FUNCTIONS[name](*arguments)
        if name in ("+", "-", "*", "/"):
            return f"({arguments[0]} {name} {arguments[1]})"
        return f"{name}({', '.join(arguments)})"

    return str(expression.fold(leaf, apply))
