"""Machine code over lanes: LLVM IR on vectors of W doubles, one subject a lane.

Only IEEE operations and explicit fused multiply-adds are written, and exp, log and pow are our own, so that a
lane's bits do not depend on W, on its neighbours or on the processor. No fast-math flag is ever set.
exp and log follow the argument reductions of fdlibm (Sun Microsystems, 1993), with Taylor coefficients for exp.
"""

from __future__ import annotations

import math
import struct
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

WIDTHS = (8, 4, 2, 1)


def literal(value: float) -> str:
    """A double as LLVM writes it exactly."""
    return f"0x{struct.unpack('<Q', struct.pack('<d', value))[0]:016X}"


class Lanes:
    """Writes the body of one function. Values are SSA names; `v` is the vector type of W doubles."""

    def __init__(self, width: int) -> None:
        self.width = width
        self.v = f"<{width} x double>"
        self.i = f"<{width} x i64>"
        self.m = f"<{width} x i1>"
        self.suffix = f"v{width}f64"
        self.lines: list[str] = []
        self.cells: list[str] = []  # stack cells, written at the top of the function so that no loop grows the stack
        self.calls: set[str] = set()
        self._count = 0
        self._splats: dict[float, str] = {}

    # -- plumbing --------------------------------------------------------------------------------------------

    def name(self) -> str:
        """A fresh SSA name."""
        self._count += 1
        return f"%x{self._count}"

    def put(self, text: str) -> str:
        """Write `name = text` and return the name."""
        name = self.name()
        self.lines.append(f"  {name} = {text}")
        return name

    def cell(self, kind: str, value: str) -> str:
        """A stack cell holding `value` here and now; the compiler turns it into a register."""
        name = self.name()
        self.cells.append(f"  {name} = alloca {kind}, align 64")
        self.do(f"store {kind} {value}, ptr {name}, align 8")
        return name

    def body(self) -> str:
        """All instructions."""
        return "\n".join(self.cells + self.lines)

    def do(self, text: str) -> None:
        """Write an instruction without a result."""
        self.lines.append(f"  {text}")

    def label(self, name: str) -> None:
        """Begin a block."""
        self.lines.append(f"{name}:")

    def constant(self, value: float) -> str:
        """A vector constant."""
        if value not in self._splats:
            self._splats[value] = "<" + ", ".join([f"double {literal(value)}"] * self.width) + ">"
        return self._splats[value]

    def integers(self, value: int) -> str:
        """A vector of one integer."""
        return "<" + ", ".join([f"i64 {value}"] * self.width) + ">"

    # -- scalars ----------------------------------------------------------------------------------------------

    def address(self, base: str, index: str | int, kind: str = "double") -> str:
        """The address of element `index` (i64)."""
        return self.put(f"getelementptr inbounds {kind}, ptr {base}, i64 {index}")

    def read(self, base: str, index: str | int, kind: str = "double") -> str:
        """Load element `index`."""
        return self.put(f"load {kind}, ptr {self.address(base, index, kind)}, align 8")

    def write(self, base: str, index: str | int, value: str, kind: str = "double") -> None:
        """Store element `index`."""
        self.do(f"store {kind} {value}, ptr {self.address(base, index, kind)}, align 8")

    # -- vectors ----------------------------------------------------------------------------------------------

    def load(self, base: str, row: str | int) -> str:
        """Load the vector in row `row` of an array of vectors."""
        return self.put(f"load {self.v}, ptr {self.address(base, row, self.v)}, align {8 * self.width}")

    def store(self, base: str, row: str | int, value: str) -> None:
        """Store a vector in row `row`."""
        self.do(f"store {self.v} {value}, ptr {self.address(base, row, self.v)}, align {8 * self.width}")

    def binary(self, operation: str, a: str, b: str) -> str:
        """fadd, fsub, fmul or fdiv."""
        return self.put(f"{operation} {self.v} {a}, {b}")

    def add(self, a: str, b: str) -> str:
        """a + b."""
        return self.binary("fadd", a, b)

    def sub(self, a: str, b: str) -> str:
        """a - b."""
        return self.binary("fsub", a, b)

    def mul(self, a: str, b: str) -> str:
        """a * b."""
        return self.binary("fmul", a, b)

    def div(self, a: str, b: str) -> str:
        """a / b."""
        return self.binary("fdiv", a, b)

    def neg(self, a: str) -> str:
        """-a."""
        return self.put(f"fneg {self.v} {a}")

    def fma(self, a: str, b: str, c: str) -> str:
        """a b + c with one rounding."""
        return self.intrinsic("fma", a, b, c)

    def intrinsic(self, name: str, *operands: str) -> str:
        """An LLVM intrinsic on vectors."""
        kinds = ", ".join([self.v] * len(operands))
        self.calls.add(f"declare {self.v} @llvm.{name}.{self.suffix}({kinds})")
        given = ", ".join(f"{self.v} {o}" for o in operands)
        return self.put(f"call {self.v} @llvm.{name}.{self.suffix}({given})")

    def compare(self, relation: str, a: str, b: str) -> str:
        """A mask: fcmp with oeq, ogt, oge, olt, ole, une, uno..."""
        return self.put(f"fcmp {relation} {self.v} {a}, {b}")

    def select(self, mask: str, a: str, b: str) -> str:
        """a where the mask holds, else b."""
        return self.put(f"select {self.m} {mask}, {self.v} {a}, {self.v} {b}")

    def both(self, a: str, b: str) -> str:
        """Masks joined by and."""
        return self.put(f"and {self.m} {a}, {b}")

    def either(self, a: str, b: str) -> str:
        """Masks joined by or."""
        return self.put(f"or {self.m} {a}, {b}")

    def without(self, a: str, b: str) -> str:
        """a and not b."""
        ones = "<" + ", ".join(["i1 true"] * self.width) + ">"
        return self.both(a, self.put(f"xor {self.m} {b}, {ones}"))

    def any(self, mask: str) -> str:
        """Whether any lane of a mask is set, as i1."""
        bits = self.put(f"bitcast {self.m} {mask} to i{self.width}")
        return self.put(f"icmp ne i{self.width} {bits}, 0")

    def maximum(self, a: str, b: str) -> str:
        """The larger; NaN if either is, so that a bad number is never hidden."""
        larger = self.select(self.compare("ult", a, b), b, a)
        return self.select(self.compare("uno", a, a), a, larger)

    def minimum(self, a: str, b: str) -> str:
        """The smaller; NaN if either is."""
        smaller = self.select(self.compare("ugt", a, b), b, a)
        return self.select(self.compare("uno", a, a), a, smaller)

    # -- control ----------------------------------------------------------------------------------------------

    @contextmanager
    def when(self, condition: str, tag: str) -> Iterator[None]:
        """The block runs if the i1 holds."""
        self._count += 1
        inside, after = f"{tag}.{self._count}", f"{tag}.{self._count}.end"
        self.do(f"br i1 {condition}, label %{inside}, label %{after}")
        self.label(inside)
        yield
        self.do(f"br label %{after}")
        self.label(after)

    @contextmanager
    def loop(self, count: str | int, tag: str) -> Iterator[str]:
        """The block runs for the yielded i64 index 0 .. count - 1."""
        self._count += 1
        head, body, after = (f"{tag}.{self._count}.{part}" for part in ("head", "body", "end"))
        counter = self.cell("i64", "0")
        self.do(f"br label %{head}")
        self.label(head)
        index = self.put(f"load i64, ptr {counter}")
        self.do(f"br i1 {self.put(f'icmp slt i64 {index}, {count}')}, label %{body}, label %{after}")
        self.label(body)
        yield index
        self.do(f"store i64 {self.put(f'add i64 {index}, 1')}, ptr {counter}")
        self.do(f"br label %{head}")
        self.label(after)

    # -- elementary functions -----------------------------------------------------------------------------------

    def horner(self, x: str, coefficients: Sequence[float]) -> str:
        """A polynomial, highest coefficient first."""
        result = self.constant(coefficients[0])
        for coefficient in coefficients[1:]:
            result = self.fma(result, x, self.constant(coefficient))
        return result

    def call(self, name: str, *operands: str) -> str:
        """One of our own functions, `@name.W`."""
        given = ", ".join(f"{self.v} {o}" for o in operands)
        return self.put(f"call {self.v} @{name}.{self.width}({given})")


def functions(width: int) -> str:
    """IR of exp, log and pow on W lanes, with the declarations they need."""
    return "\n".join(_function(width, name, write) for name, write in (("exp", _exp), ("log", _log), ("power", _power)))


def _function(width: int, name: str, write: object) -> str:
    lanes = Lanes(width)
    arguments = ["%a", "%b"] if name == "power" else ["%a"]
    result = write(lanes, *arguments)  # type: ignore[operator]
    given = ", ".join(f"{lanes.v} {a}" for a in arguments)
    declared = "\n".join(sorted(lanes.calls))
    return (
        f"{declared}\ndefine internal {lanes.v} @{name}.{width}({given}) #1 {{\nentry:\n"
        + lanes.body()
        + f"\n  ret {lanes.v} {result}\n}}\n"
    )


def _exp(e: Lanes, x: str) -> str:
    """x = k ln 2 + r with |r| <= ln 2 / 2; exp(r) by its Taylor series to r^13 (error < 1e-17)."""
    top, bottom = e.constant(709.782712893384), e.constant(-745.2)
    inside = e.maximum(e.minimum(x, top), bottom)
    k = e.intrinsic("rint", e.mul(inside, e.constant(1.4426950408889634)))
    r = e.fma(k, e.constant(-6.93147180369123816490e-01), inside)
    r = e.fma(k, e.constant(-1.90821492927058770002e-10), r)
    series = e.horner(r, [1.0 / math.factorial(n) for n in range(13, 1, -1)])
    value = e.add(e.fma(e.mul(r, r), series, r), e.constant(1.0))
    # 2^k in two factors, so that results below the normal range are reached without losing the exponent
    half = e.put(f"fptosi {e.v} {e.mul(k, e.constant(0.5))} to {e.i}")
    whole = e.put(f"fptosi {e.v} {k} to {e.i}")
    rest = e.put(f"sub {e.i} {whole}, {half}")
    for part in (half, rest):
        bits = e.put(f"shl {e.i} {e.put(f'add {e.i} {part}, {e.integers(1023)}')}, {e.integers(52)}")
        value = e.mul(value, e.put(f"bitcast {e.i} {bits} to {e.v}"))
    value = e.select(e.compare("ogt", x, top), e.constant(math.inf), value)
    value = e.select(e.compare("olt", x, bottom), e.constant(0.0), value)
    return e.select(e.compare("uno", x, x), x, value)


_LOG = (
    1.479819860511658591e-01, 1.531383769920937332e-01, 1.818357216161805012e-01, 2.222219843214978396e-01,
    2.857142874366239149e-01, 3.999999999940941908e-01, 6.666666666666735130e-01,
)  # fmt: skip


def _log(e: Lanes, x: str) -> str:
    """x = 2^k (1 + f) with 1 + f in [sqrt(1/2), sqrt 2); log(1 + f) from s = f / (2 + f)."""
    small = e.compare("olt", x, e.constant(2.2250738585072014e-308))
    scaled = e.select(small, e.mul(x, e.constant(2.0**54)), x)
    bits = e.put(f"bitcast {e.v} {scaled} to {e.i}")
    shifted = e.put(f"sub {e.i} {bits}, {e.integers(0x3FE6A09E667F3BCD)}")
    k = e.put(f"ashr {e.i} {shifted}, {e.integers(52)}")
    mantissa = e.put(f"sub {e.i} {bits}, {e.put(f'shl {e.i} {k}, {e.integers(52)}')}")
    exponent = e.put(f"sitofp {e.i} {k} to {e.v}")
    exponent = e.select(small, e.sub(exponent, e.constant(54.0)), exponent)
    f = e.sub(e.put(f"bitcast {e.i} {mantissa} to {e.v}"), e.constant(1.0))
    s = e.div(f, e.add(f, e.constant(2.0)))
    z = e.mul(s, s)
    series = e.mul(z, e.horner(z, _LOG))
    half = e.mul(e.mul(f, f), e.constant(0.5))
    low = e.fma(exponent, e.constant(1.90821492927058770002e-10), e.mul(s, e.add(half, series)))
    value = e.fma(exponent, e.constant(6.93147180369123816490e-01), e.sub(f, e.sub(half, low)))
    value = e.select(e.compare("oeq", x, e.constant(math.inf)), e.constant(math.inf), value)
    value = e.select(e.compare("olt", x, e.constant(0.0)), e.constant(math.nan), value)
    value = e.select(e.compare("oeq", x, e.constant(0.0)), e.constant(-math.inf), value)
    return e.select(e.compare("uno", x, x), x, value)


def _power(e: Lanes, a: str, b: str) -> str:
    """a ^ b = exp(b log |a|), its relative error grows with |b log a|; a < 0 needs a whole b. IEEE 754 pow at 0."""
    zero, one, nan = e.constant(0.0), e.constant(1.0), e.constant(math.nan)
    value = e.call("exp", e.mul(b, e.call("log", e.intrinsic("fabs", a))))
    half = e.mul(b, e.constant(0.5))
    even = e.compare("oeq", e.intrinsic("rint", half), half)
    whole = e.compare("oeq", e.intrinsic("rint", b), b)
    signed = e.select(whole, e.select(even, value, e.neg(value)), nan)
    value = e.select(e.compare("olt", a, zero), signed, value)
    at_zero = e.select(e.compare("ogt", b, zero), zero, e.select(e.compare("olt", b, zero), e.constant(math.inf), b))
    value = e.select(e.compare("oeq", a, zero), at_zero, value)
    return e.select(e.compare("oeq", b, zero), one, value)
