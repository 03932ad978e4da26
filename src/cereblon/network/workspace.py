"""What host and machine code agree on: the context cells, a dosing row, the thread's workspace.

`Words` is the small vocabulary in which the integration loop is written.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from cereblon.network.kernel import Kernel
from cereblon.network.lanes import Lanes, literal
from cereblon.network.rosenbrock import Method

# What the host passes, one 64-bit cell each (pointers as integers).
CONTEXT = (
    "subjects", "list", "queue", "done", "cancel", "workspace", "raw", "raw_stride", "sample_time", "sample_stride",
    "samples", "out", "rows", "schedule", "schedule_stride", "factor", "state", "max_rows", "start", "start_stride",
    "end", "end_stride", "status", "options", "resume",
)  # fmt: skip
OPTIONS = ("rtol", "first_step", "largest_step", "most_steps")
# One row of the dosing table, doubles.
ROW = ("time", "amount", "interval", "count", "species", "duration", "rate", "lag", "F", "infused", "reset")
KEPT = (
    ("time", "double"), ("step", "double"), ("memory", "double"),
    ("next", "i64"), ("accepted", "i64"), ("rejected", "i64"),
)  # fmt: skip
COUNTERS = ("given", "ended", "rate", "restart", "length")  # of every dosing row
STATUS = ("code", "species", "accepted", "rejected")

_INTEGER_LANES = ("subject", "next", "accepted", "rejected", "since", "pending", "code", "bad")
_REAL_LANES = (
    "time", "step", "stop", "end", "memory", "sample", "start", "rejecting", "alive", "hs", "tnew", "auto",
)  # fmt: skip


@dataclass(frozen=True)
class Workspace:
    """Rows of W cells, the thread's own memory; per-dose rows come last because their number is known at run time."""

    kernel: Kernel
    method: Method

    def row(self, name: str) -> int:
        """First row of a block."""
        return self._blocks()[name]

    def _blocks(self) -> dict[str, int]:
        k, s = self.kernel, self.method.stages
        n = k.species
        sizes = {
            "y": n, "new": n, "rhs": n, "drift": max(1, len(k.drift)), "stage": s * n, "f": n, "slope": n,
            "raw": max(1, k.structure.parameters), "par": len(k.hoisted), "lu": k.lu_size,
            "observed": max(1, len(k.observed)), "infusion": max(1, len(k.structure.infused)),
        }  # fmt: skip
        sizes |= dict.fromkeys((*_INTEGER_LANES, *_REAL_LANES), 1)
        rows, position = {}, 0
        for name, size in sizes.items():
            rows[name] = position
            position += size
        rows["doses"] = position
        return rows

    def total(self, max_rows: int) -> int:
        """Rows in all for schedules of at most `max_rows` rows."""
        return self.row("doses") + len(COUNTERS) * (max_rows + 1)

    def state_size(self, max_rows: int) -> int:
        """Doubles kept per subject between visits: species, time, step, memory, sample index, dose counters."""
        return self.kernel.species + len(KEPT) + len(COUNTERS) * (max_rows + 1)


INFINITY = literal(math.inf)


class Words:
    """Shared by the writers of machine code: where a block of the workspace or a cell of the context lies."""

    def __init__(self, kernel: Kernel, method: Method, width: int) -> None:
        self.kernel, self.method, self.width = kernel, method, width
        self.space = Workspace(kernel, method)
        self.n = kernel.species
        self.e = Lanes(width)

    # -- small words -------------------------------------------------------------------------------------------

    def block(self, name: str) -> str:
        """Pointer to a block of the workspace."""
        return self.e.put(f"getelementptr inbounds {self.e.v}, ptr %work, i64 {self.space.row(name)}")

    def cell(self, name: str) -> str:
        """Pointer to this lane's cell of a one-row block."""
        return self.e.address(self.block(name), "%lane")

    def get(self, name: str, kind: str = "double") -> str:
        """This lane's number."""
        return self.e.put(f"load {kind}, ptr {self.cell(name)}, align 8")

    def set(self, name: str, value: str, kind: str = "double") -> None:
        """Set this lane's number."""
        self.e.do(f"store {kind} {value}, ptr {self.cell(name)}, align 8")

    def host(self, name: str) -> str:
        """A 64-bit cell of the context."""
        return self.e.read("%context", CONTEXT.index(name), "i64")

    def pointer(self, name: str) -> str:
        """A pointer of the context."""
        return self.e.put(f"inttoptr i64 {self.host(name)} to ptr")

    def option(self, name: str) -> str:
        """A number of the options."""
        return self.e.read(self.pointer("options"), OPTIONS.index(name))

    def times(self, a: str, b: str | int) -> str:
        """Integer product."""
        return self.e.put(f"mul i64 {a}, {b}")

    def plus(self, a: str, b: str | int) -> str:
        """Integer sum."""
        return self.e.put(f"add i64 {a}, {b}")

    def at_lane(self, base: str, row: str | int) -> str:
        """Address of this lane's cell in row `row` of a block."""
        return self.e.address(base, self.plus(self.times(self.plus(str(row), 0), self.width), "%lane"))

    def per_dose(self, kind: str, row: str, max_rows: str) -> str:
        """Address of this lane's counter `kind`, one of COUNTERS, of a dose row."""
        at = self.plus(self.times(self.plus(max_rows, 1), COUNTERS.index(kind)), row)
        return self.at_lane(self.block("doses"), at)

    def counters(self) -> str:
        """How many counters a lane has: some for every dosing row, and one row for the start."""
        return self.times(self.plus(self.host("max_rows"), 1), len(COUNTERS))

    def state(self, subject: str) -> str:
        """Pointer to what is kept of a subject between legs."""
        size = self.plus(self.counters(), self.n + len(KEPT))
        return self.e.address(self.pointer("state"), self.times(subject, size))

    def splat(self, scalar: str, kind: str = "double") -> str:
        """A vector of one scalar."""
        e = self.e
        vector = f"<{self.width} x {kind}>"
        one = e.put(f"insertelement {vector} poison, {kind} {scalar}, i64 0")
        zeros = "<" + ", ".join(["i32 0"] * self.width) + ">"
        return e.put(f"shufflevector {vector} {one}, {vector} poison, <{self.width} x i32> {zeros}")

    def integers(self, name: str) -> str:
        """The vector of a one-row block of integers."""
        return self.e.put(f"load {self.e.i}, ptr {self.block(name)}, align {8 * self.width}")

    def function(self, name: str) -> str:
        """The lines so far as a function of (context, workspace, lane)."""
        e = self.e
        head = f"define internal void @{name}(ptr %context, ptr %work, i64 %lane) #1 {{\nentry:\n"
        return "\n".join([*sorted(e.calls), head + e.body(), "  ret void\n}\n"])
