"""The integration loop in machine code: W subjects at a time, each lane with its own time, step and stops.

    refill     an empty lane takes the next subject from the shared queue
    dose       a lane at a stop gives the doses due there and looks for its next stop
    step       one Rosenbrock step on all lanes; each lane accepts or rejects for itself
    sample     read-outs between the old and the new time, from the continuous extension

Nothing in a lane reads another lane, so a subject's bits do not depend on the cohort, the order or the thread.
The loop holds no Python lock, polls a cancel flag and counts finished subjects.

Tie rule: a sample at the time of a dose is taken before the dose.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from cereblon.network.kernel import Kernel
from cereblon.network.lanes import Lanes, functions, literal
from cereblon.network.rosenbrock import Method

# What the host passes, one 64-bit cell each (pointers as integers).
CONTEXT = (
    "subjects", "queue", "done", "cancel", "workspace", "raw", "raw_stride", "sample_time", "sample_stride",
    "samples", "out", "rows", "schedule", "schedule_stride", "factor", "state", "max_rows", "start", "start_stride",
    "end", "end_stride", "status", "options", "resume",
)  # fmt: skip
OPTIONS = ("rtol", "first_step", "largest_step", "most_steps")
# One row of the dosing table, doubles.
ROW = ("time", "amount", "interval", "count", "species", "duration", "rate", "lag", "F", "infused", "reset")
OK, UNDERFLOW, TOO_MANY, NOT_FINITE, NEGATIVE = 0, 1, 2, 3, 4
STATUS = ("code", "species", "accepted", "rejected")
ABSOLUTE = 1e-3  # atol_i = ABSOLUTE * rtol * scale_i
NEGATIVE_TOLERANCE = 100.0  # in units of rtol * scale_i

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
            "y": n, "new": n, "rhs": n, "drift": max(1, len(k.drift)), "stage": s * n, "f": n,
            "raw": max(1, k.structure.parameters), "par": len(k.hoisted), "lu": k.lu_size,
            "observed": max(1, len(k.observed)), "infusion": max(1, len(k.structure.infused)),
        }  # fmt: skip
        sizes |= {name: 1 for name in (*_INTEGER_LANES, *_REAL_LANES)}
        rows, position = {}, 0
        for name, size in sizes.items():
            rows[name] = position
            position += size
        rows["doses"] = position
        return rows

    def total(self, max_rows: int) -> int:
        """Rows in all for schedules of at most `max_rows` rows."""
        return self.row("doses") + 4 * (max_rows + 1)

    def state_size(self, max_rows: int) -> int:
        """Doubles kept per subject between visits: species, time, step, memory, sample index, dose counters."""
        return self.kernel.species + 6 + 4 * (max_rows + 1)


def module(kernel: Kernel, method: Method, width: int) -> str:
    """LLVM IR of everything, entry point `i64 @run(ptr context)`."""
    text = "\n".join((functions(width), kernel.functions(width), _Driver(kernel, method, width).write()))
    declared = sorted({line for line in text.splitlines() if line.startswith("declare")})
    body = "\n".join(line for line in text.splitlines() if not line.startswith("declare"))
    attributes = (
        'attributes #1 = { nounwind "prefer-vector-width"="512" "min-legal-vector-width"="512" }\n'
        'attributes #2 = { nounwind "prefer-vector-width"="512" "min-legal-vector-width"="512" }\n'
    )
    return "\n".join((*declared, body, attributes))


class _Driver:
    def __init__(self, kernel: Kernel, method: Method, width: int) -> None:
        self.kernel, self.method, self.width = kernel, method, width
        self.space = Workspace(kernel, method)
        self.n = kernel.species
        self.e = Lanes(width)

    def write(self) -> str:
        """IR of the helper functions and of `run`."""
        parts = [self._dose(), self._refill(), self._finish(), self.find_sample()]
        e = self.e = Lanes(self.width)
        self._run()
        work = f"getelementptr inbounds i64, ptr %context, i64 {CONTEXT.index('workspace')}"
        parts.append(
            f"define internal i64 @loop(ptr %context, ptr %work) #2 {{\nentry:\n{e.body()}\n}}\n"
            f"define i64 @run(ptr %context) #2 {{\nentry:\n  %cell = {work}\n  %work = load ptr, ptr %cell\n"
            "  %code = call i64 @loop(ptr %context, ptr %work)\n  ret i64 %code\n}\n"
        )
        return "\n".join(parts + sorted(e.calls))

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

    def per_dose(self, kind: int, row: str, max_rows: str) -> str:
        """Address of this lane's counter `kind` (0 given, 1 ended, 2 rate, 3 restart step) of a dose row."""
        at = self.plus(self.times(self.plus(max_rows, 1), kind), row)
        return self.at_lane(self.block("doses"), at)

    # -- dose ----------------------------------------------------------------------------------------------------

    def _dose(self) -> str:
        """Give what is due at this lane's time, find its next stop."""
        e = self.e = Lanes(self.width)
        time, subject, max_rows = self.get("time"), self.get("subject", "i64"), self.host("max_rows")
        schedule = self.pointer("schedule")
        place = self.times(subject, self.host("schedule_stride"))
        first, count = e.read(schedule, place, "i64"), e.read(schedule, self.plus(place, 1), "i64")
        stop, last = e.cell("double", self.get("end")), e.cell("i64", "-1")
        for slot in range(len(self.kernel.structure.infused)):
            e.do(f"store double 0.0, ptr {self.at_lane(self.block('infusion'), slot)}")
        rows = self.pointer("rows")
        with e.loop(count, "row") as r:
            row = e.address(rows, self.times(self.plus(first, r), len(ROW)))

            def field(name: str, row: str = row) -> str:
                return e.read(row, ROW.index(name))

            def whole(name: str) -> str:
                return e.put(f"fptosi double {field(name)} to i64")

            lag = self._attribute(whole("lag"), "0.0")
            begin = e.put(f"fadd double {field('time')}, {lag}")
            given_at, ended_at, rate_at = (self.per_dose(kind, r, max_rows) for kind in (0, 1, 2))
            given = e.put(f"load double, ptr {given_at}")
            total = field("count")
            interval = field("interval")

            def due(counter: str, offset: str, begin: str = begin, interval: str = interval) -> str:
                lapse = e.put(f"fmul double {interval}, {counter}")
                return e.put(f"fadd double {e.put(f'fadd double {begin}, {lapse}')}, {offset}")

            amount = e.put(f"fmul double {field('amount')}, {self._attribute(whole('F'), '1.0')}")
            factors = self.host("factor")
            is_factor = e.put(f"icmp ne i64 {factors}, 0")
            scaled = e.cell("double", amount)
            with e.when(is_factor, "factor"):
                here = self.plus(self.times(subject, max_rows), r)
                factor = e.read(e.put(f"inttoptr i64 {factors} to ptr"), here)
                e.do(f"store double {e.put(f'fmul double {amount}, {factor}')}, ptr {scaled}")
            amount = e.put(f"load double, ptr {scaled}")
            open_ = e.put(f"fcmp olt double {given}, {total}")
            reached = e.put(f"fcmp ole double {due(given, '0.0')}, {time}")
            slot = whole("species")
            volume = e.put(f"load double, ptr {self.at_lane(self.block('par'), self.plus(slot, 2 * self.n))}")
            jump = e.put(f"fdiv double {amount}, {volume}")
            duration = field("duration")
            by_rate = e.put(f"fcmp ogt double {field('rate')}, 0.0")
            hours = e.put(f"fdiv double {amount}, {field('rate')}")
            length = e.put(f"select i1 {by_rate}, double {hours}, double {duration}")
            with e.when(e.put(f"and i1 {open_}, {reached}"), "give"):
                with e.when(e.put(f"fcmp ogt double {field('reset')}, 0.0"), "reset"), e.loop(self.n, "initial") as i:
                    start = e.put(f"load double, ptr {self.at_lane(self.block('par'), i)}")
                    e.do(f"store double {start}, ptr {self.at_lane(self.block('y'), i)}")
                bolus = e.put(f"fcmp ole double {length}, 0.0")
                with e.when(bolus, "bolus"):
                    target = self.at_lane(self.block("y"), slot)
                    old = e.put(f"load double, ptr {target}")
                    e.do(f"store double {e.put(f'fadd double {old}, {jump}')}, ptr {target}")
                    e.do(f"store double {e.put(f'fadd double {given}, 1.0')}, ptr {ended_at}")
                with e.when(e.put(f"fcmp ogt double {length}, 0.0"), "infuse"):
                    e.do(f"store double {e.put(f'fdiv double {jump}, {length}')}, ptr {rate_at}")
                e.do(f"store double {e.put(f'fadd double {given}, 1.0')}, ptr {given_at}")
                e.do(f"store i64 {r}, ptr {last}")
            given = e.put(f"load double, ptr {given_at}")
            ended = e.put(f"load double, ptr {ended_at}")
            running = e.put(f"fcmp olt double {ended}, {given}")
            over = e.put(f"fcmp ole double {due(ended, length)}, {time}")
            with e.when(e.put(f"and i1 {running}, {over}"), "finish"):
                e.do(f"store double {e.put(f'fadd double {ended}, 1.0')}, ptr {ended_at}")
                e.do(f"store i64 {r}, ptr {last}")
            ended = e.put(f"load double, ptr {ended_at}")
            running = e.put(f"fcmp olt double {ended}, {given}")
            if self.kernel.structure.infused:
                with e.when(running, "running"):
                    target = self.at_lane(self.block("infusion"), whole("infused"))
                    old = e.put(f"load double, ptr {target}")
                    each = e.put(f"load double, ptr {rate_at}")
                    rate = e.put(f"fmul double {e.put(f'fsub double {given}, {ended}')}, {each}")
                    e.do(f"store double {e.put(f'fadd double {old}, {rate}')}, ptr {target}")
            for active, when in (
                (e.put(f"fcmp olt double {given}, {total}"), due(given, "0.0")),
                (running, due(ended, length)),
            ):
                known = e.put(f"load double, ptr {stop}")
                nearer = e.put(f"and i1 {active}, {e.put(f'fcmp olt double {when}, {known}')}")
                e.do(f"store double {e.put(f'select i1 {nearer}, double {when}, double {known}')}, ptr {stop}")
        self.set("stop", e.put(f"load double, ptr {stop}"))
        row_given = e.put(f"load i64, ptr {last}")
        with e.when(e.put(f"icmp sge i64 {row_given}, 0"), "restart"):
            self._restart(row_given, max_rows)
        return self._function("dose")

    def _attribute(self, slot: str, default: str) -> str:
        """The value of a dosing attribute, or the default for slot -1."""
        e = self.e
        held = e.cell("double", default)
        with e.when(e.put(f"icmp sge i64 {slot}, 0"), "attribute"):
            value = e.put(f"load double, ptr {self.at_lane(self.block('par'), self.plus(slot, 3 * self.n))}")
            e.do(f"store double {value}, ptr {held}")
        return e.put(f"load double, ptr {held}")

    def _restart(self, row: str, max_rows: str) -> None:
        """After a jump, begin with the step that followed this row's last dose, or look for one."""
        e = self.e
        remembered = e.put(f"load double, ptr {self.per_dose(3, row, max_rows)}")
        known = e.put(f"fcmp ogt double {remembered}, 0.0")
        self.set("step", e.put(f"select i1 {known}, double {remembered}, double {self.option('first_step')}"))
        first = e.put(f"fcmp ogt double {self.option('first_step')}, 0.0")
        search = e.put(f"select i1 {e.put(f'or i1 {known}, {first}')}, double 0.0, double 1.0")
        self.set("auto", search)
        self.set("memory", "1.0e-4")
        self.set("since", "0", "i64")
        self.set("pending", self.plus(row, 1), "i64")

    # -- refill --------------------------------------------------------------------------------------------------

    def _refill(self) -> str:
        """Load this lane's subject: parameters, and the state it was left in when it is resumed."""
        e = self.e = Lanes(self.width)
        subject, max_rows = self.get("subject", "i64"), self.host("max_rows")
        pointers, strides = self.pointer("raw"), self.pointer("raw_stride")
        with e.loop(self.kernel.structure.parameters, "parameter") as i:
            array = e.put(f"inttoptr i64 {e.read(pointers, i, 'i64')} to ptr")
            value = e.read(array, self.times(subject, e.read(strides, i, "i64")))
            e.do(f"store double {value}, ptr {self.at_lane(self.block('raw'), i)}")
        start = e.read(self.pointer("start"), self.times(subject, self.host("start_stride")))
        end = e.read(self.pointer("end"), self.times(subject, self.host("end_stride")))
        for name, value in (("time", start), ("start", start), ("stop", start), ("end", end), ("alive", "1.0"), ("rejecting", "0.0")):
            self.set(name, value)
        for name in ("next", "accepted", "rejected", "code", "bad"):
            self.set(name, "0", "i64")
        with e.loop(self.times(self.plus(max_rows, 1), 4), "counter") as i:
            e.do(f"store double 0.0, ptr {self.at_lane(self.block('doses'), i)}")
        self._restart(max_rows, max_rows)
        with e.when(e.put(f"icmp ne i64 {self.host('resume')}, 0"), "resume"):
            state = self._state(subject)
            for k, (name, kind) in enumerate(self._kept()):
                self.set(name, e.read(state, self.n + k, kind), kind)
            with e.loop(self.times(self.plus(max_rows, 1), 4), "counter") as i:
                e.do(f"store double {e.read(state, self.plus(i, self.n + 6))}, ptr {self.at_lane(self.block('doses'), i)}")
            self.set("stop", self.get("time"))
            self.set("auto", "0.0")
            self.set("pending", "0", "i64")
        self._find_sample()
        return self._function("refill")

    def _kept(self) -> list[tuple[str, str]]:
        return [("time", "double"), ("step", "double"), ("memory", "double"), ("next", "i64"), ("accepted", "i64"), ("rejected", "i64")]

    def _state(self, subject: str) -> str:
        size = self.plus(self.times(self.plus(self.host("max_rows"), 1), 4), self.n + 6)
        return self.e.address(self.pointer("state"), self.times(subject, size))

    def _find_sample(self) -> None:
        """Put the lane's next sample time into `sample`, infinity after the last."""
        e = self.e
        index = self.get("next", "i64")
        found = e.cell("double", _INF)
        with e.when(e.put(f"icmp slt i64 {index}, {self.host('samples')}"), "sample"):
            base = self.times(self.get("subject", "i64"), self.host("sample_stride"))
            e.do(f"store double {e.read(self.pointer('sample_time'), self.plus(base, index))}, ptr {found}")
        self.set("sample", e.put(f"load double, ptr {found}"))

    # -- finish --------------------------------------------------------------------------------------------------

    def _finish(self) -> str:
        """Keep what a finished or failed lane leaves behind and count it."""
        e = self.e = Lanes(self.width)
        subject = self.get("subject", "i64")
        state = self._state(subject)
        with e.loop(self.n, "species") as i:
            e.write(state, i, e.put(f"load double, ptr {self.at_lane(self.block('y'), i)}"))
        for k, (name, kind) in enumerate(self._kept()):
            e.write(state, self.n + k, self.get(name, kind), kind)
        with e.loop(self.times(self.plus(self.host("max_rows"), 1), 4), "counter") as i:
            value = e.put(f"load double, ptr {self.at_lane(self.block('doses'), i)}")
            e.write(state, self.plus(i, self.n + 6), value)
        status = e.address(self.pointer("status"), self.times(subject, len(STATUS)), "i64")
        for k, name in enumerate(("code", "bad", "accepted", "rejected")):
            e.write(status, k, self.get(name, "i64"), "i64")
        self.set("subject", "-1", "i64")
        self.set("alive", "0.0")
        self.set("sample", _INF)
        e.put(f"atomicrmw add ptr {self.pointer('done')}, i64 1 monotonic")
        return self._function("finish")

    def _function(self, name: str) -> str:
        e = self.e
        body = e.body()
        return "\n".join(sorted(e.calls)) + (
            f"\ndefine internal void @{name}(ptr %context, ptr %work, i64 %lane) #2 {{\nentry:\n{body}\n  ret void\n}}\n"
        )

    # -- the loop ------------------------------------------------------------------------------------------------

    def _run(self) -> None:
        e = self.e
        y, new, rhs, f, par, raw, lu, drift, infusion = (
            self.block(name) for name in ("y", "new", "rhs", "f", "par", "raw", "lu", "drift", "infusion")
        )
        self.y, self.new, self.rhs, self.f, self.par, self.lu, self.drift, self.infusion = y, new, rhs, f, par, lu, drift, infusion
        rtol = self._splat(self.option("rtol"))
        largest = self._splat(self.option("largest_step"))
        self.rtol = rtol
        with e.loop(self.width, "lane") as lane:
            for name, value in (("subject", "-1"), ("next", "0")):
                e.write(self.block(name), lane, value, "i64")
            for name, value in (
                ("alive", "0.0"), ("sample", _INF), ("time", "0.0"), ("step", "1.0"), ("stop", "0.0"), ("end", "0.0"),
                ("memory", "1.0e-4"), ("rejecting", "0.0"), ("auto", "0.0"), ("start", "0.0"),
            ):  # fmt: skip
                e.write(self.block(name), lane, value)
        e.do("br label %again")

        e.label("again")
        cancel = e.put(f"load atomic i64, ptr {self.pointer('cancel')} monotonic, align 8")
        e.do(f"br i1 {e.put(f'icmp ne i64 {cancel}, 0')}, label %stopped, label %attend")
        e.label("stopped")
        e.do("ret i64 1")
        e.label("attend")
        self._attend(raw)
        alive = e.compare("ogt", e.load(self.block("alive"), 0), e.constant(0.0))
        e.do(f"br i1 {e.any(alive)}, label %step, label %finished")
        e.label("finished")
        e.do("ret i64 0")
        e.label("step")
        moving = e.compare("olt", e.load(self.block("time"), 0), e.load(self.block("stop"), 0))
        self._step(e.both(alive, moving), largest)
        e.do("br label %again")

    def _splat(self, scalar: str) -> str:
        e = self.e
        one = e.put(f"insertelement {e.v} poison, double {scalar}, i64 0")
        zeros = "<" + ", ".join(["i32 0"] * self.width) + ">"
        return e.put(f"shufflevector {e.v} {one}, {e.v} poison, <{self.width} x i32> {zeros}")

    def _attend(self, raw: str) -> None:
        """Lanes at a stop: dose or finish; empty lanes: the next subject."""
        e = self.e
        at_stop = e.compare("oeq", e.load(self.block("time"), 0), e.load(self.block("stop"), 0))
        codes = e.put(f"load {e.i}, ptr {self.block('code')}, align {8 * self.width}")
        failed = e.put(f"icmp ne {e.i} {codes}, zeroinitializer")
        empty = e.compare("oeq", e.load(self.block("alive"), 0), e.constant(0.0))
        with e.when(e.any(e.either(e.either(at_stop, failed), empty)), "attend"):
            fresh = e.cell("i64", "0")
            with e.loop(self.width, "lane") as lane:
                held = e.read(self.block("subject"), lane, "i64")
                with e.when(e.put(f"icmp sge i64 {held}, 0"), "held"):
                    time, end = e.read(self.block("time"), lane), e.read(self.block("end"), lane)
                    code = e.read(self.block("code"), lane, "i64")
                    over = e.put(f"fcmp oge double {time}, {end}")
                    with e.when(e.put(f"or i1 {over}, {e.put(f'icmp ne i64 {code}, 0')}"), "over"):
                        e.do(f"call void @finish(ptr %context, ptr %work, i64 {lane})")
                held = e.read(self.block("subject"), lane, "i64")
                with e.when(e.put(f"icmp slt i64 {held}, 0"), "empty"):
                    following = e.put(f"atomicrmw add ptr {self.pointer('queue')}, i64 1 monotonic")
                    with e.when(e.put(f"icmp slt i64 {following}, {self.host('subjects')}"), "refill"):
                        e.write(self.block("subject"), lane, following, "i64")
                        e.do(f"call void @refill(ptr %context, ptr %work, i64 {lane})")
                        bit = e.put(f"shl i64 1, {lane}")
                        known = e.put(f"load i64, ptr {fresh}")
                        e.do(f"store i64 {e.put(f'or i64 {known}, {bit}')}, ptr {fresh}")
                    with e.when(e.put(f"icmp sge i64 {following}, {self.host('subjects')}"), "none"):
                        # idle lanes repeat a harmless step at time 0; the stop is never reached
                        e.write(self.block("stop"), lane, "1.0")
                        e.write(self.block("time"), lane, "0.0")
                        e.write(self.block("code"), lane, "0", "i64")
                        e.write(self.block("alive"), lane, "-1.0")
            started = e.put(f"load i64, ptr {fresh}")
            with e.when(e.put(f"icmp ne i64 {started}, 0"), "prepare"):
                e.do(f"call void @prepare.{self.width}(ptr {raw}, ptr {self.par})")
                with e.loop(self.width, "lane") as lane:
                    bit = e.put(f"and i64 {e.put(f'lshr i64 {started}, {lane}')}, 1")
                    with e.when(e.put(f"icmp ne i64 {bit}, 0"), "initial"):
                        self._initial(lane)
                self._sample(e.compare("ole", e.load(self.block("sample"), 0), e.load(self.block("time"), 0)), at_start=True)
            with e.loop(self.width, "lane") as lane:
                held = e.read(self.block("subject"), lane, "i64")
                time, stop = e.read(self.block("time"), lane), e.read(self.block("stop"), lane)
                due = e.put(f"fcmp oeq double {time}, {stop}")
                with e.when(e.put(f"and i1 {due}, {e.put(f'icmp sge i64 {held}, 0')}"), "dose"):
                    e.do(f"call void @dose(ptr %context, ptr %work, i64 {lane})")

    def _initial(self, lane: str) -> None:
        """Initial values of a fresh lane: from its parameters, or from the state it was left in."""
        e = self.e
        resume = e.put(f"icmp ne i64 {self.host('resume')}, 0")
        state = self._state(e.read(self.block("subject"), lane, "i64"))
        with e.loop(self.n, "species") as i:
            place = self.plus(self.times(i, self.width), lane)
            kept = e.cell("double", e.read(self.par, place))
            with e.when(resume, "resumed"):
                e.do(f"store double {e.read(state, i)}, ptr {kept}")
            e.write(self.y, place, e.put(f"load double, ptr {kept}"))

    # -- one step ------------------------------------------------------------------------------------------------

    def _rates(self, time: str, y: str, to: str) -> None:
        w, v = self.width, self.e.v
        self.e.do(f"call void @rates.{w}({v} {time}, ptr {y}, ptr {self.par}, ptr {self.infusion}, ptr {to})")

    def _stage(self, i: int) -> str:
        return self.e.put(f"getelementptr inbounds {self.e.v}, ptr %work, i64 {self.space.row('stage') + i * self.n}")

    def _step(self, alive: str, largest: str) -> None:
        e, m, n, w = self.e, self.method, self.n, self.width
        zero, one = e.constant(0.0), e.constant(1.0)
        time, stop = e.load(self.block("time"), 0), e.load(self.block("stop"), 0)
        self._rates(time, self.y, self.f)
        auto = e.compare("ogt", e.load(self.block("auto"), 0), zero)
        with e.when(e.any(auto), "auto"):
            self._first_step(auto)
        wanted = e.minimum(e.load(self.block("step"), 0), largest)
        left = e.sub(stop, time)
        last = e.compare("oge", wanted, e.mul(left, e.constant(0.999)))
        halve = e.compare("oge", wanted, e.mul(left, e.constant(0.5)))
        h = e.select(last, left, e.select(halve, e.mul(left, e.constant(0.5)), wanted))
        h = e.select(alive, h, one)
        tnew = e.select(last, stop, e.add(time, h))
        inverse = e.div(one, h)
        shift = e.mul(inverse, e.constant(1.0 / m.gamma))
        e.do(f"call void @factor.{w}({e.v} {time}, ptr {self.y}, ptr {self.par}, {e.v} {shift}, ptr {self.lu}, ptr {self.drift})")
        stages = [self._stage(i) for i in range(m.stages)]
        drifts = bool(self.kernel.drift)
        for s in range(m.stages):
            if s:
                self._argument(s, stages)
                moment = e.fma(h, e.constant(m.c[s]), time)
                self._rates(moment, self.new, self.rhs)
            source = self.rhs if s else self.f
            weights = [e.mul(inverse, e.constant(c)) for c in m.C[s]]
            slip = e.mul(h, e.constant(m.d[s])) if drifts and m.d[s] else ""
            if weights or slip:
                with e.loop(n, "rhs") as i:
                    value = e.load(source, i)
                    for j, weight in enumerate(weights):
                        value = e.fma(weight, e.load(stages[j], i), value)
                    if slip:
                        value = e.fma(slip, e.load(self.drift, i), value)
                    e.store(self.rhs, i, value)
                source = self.rhs
            e.do(f"call void @solve.{w}(ptr {self.lu}, ptr {source}, ptr {stages[s]})")
        error, lowest = self._error(stages[-1])
        self._judge(alive, time, h, tnew, wanted, error, lowest, stages)

    def _first_step(self, auto: str) -> None:
        """A step that changes no species by more than 1 % of its tolerance's reference size."""
        e, n = self.e, self.n
        fastest = e.cell(e.v, e.constant(1e-12))
        with e.loop(n, "species") as i:
            size = e.fma(e.load(self.par, self.plus(i, n)), e.constant(ABSOLUTE), e.intrinsic("fabs", e.load(self.y, i)))
            speed = e.div(e.intrinsic("fabs", e.load(self.f, i)), size)
            known = e.put(f"load {e.v}, ptr {fastest}")
            e.do(f"store {e.v} {e.maximum(known, speed)}, ptr {fastest}")
        guess = e.div(e.constant(0.01), e.put(f"load {e.v}, ptr {fastest}"))
        step = self.block("step")
        e.store(step, 0, e.select(auto, guess, e.load(step, 0)))
        e.store(self.block("auto"), 0, e.constant(0.0))

    def _argument(self, s: int, stages: list[str]) -> None:
        """new = y + sum_j A_sj U_j, one addition when the method's row only extends the one before."""
        e, m = self.e, self.method
        extends = m.extends_previous(s)
        with e.loop(self.n, "argument") as i:
            if extends:
                value = e.add(e.load(self.new, i), e.load(stages[s - 1], i))
            else:
                value = e.load(self.y, i)
                for j, a in enumerate(m.A[s]):
                    value = e.fma(e.constant(a), e.load(stages[j], i), value)
            e.store(self.new, i, value)

    def _error(self, last: str) -> tuple[str, str]:
        """new += U_s; the largest scaled error of any species, and the deepest scaled value below zero."""
        e, n, v = self.e, self.n, self.e.v
        worst, low = e.cell(v, e.constant(0.0)), e.cell(v, e.constant(0.0))
        atol = e.mul(self.rtol, e.constant(ABSOLUTE))
        with e.loop(n, "error") as i:
            difference = e.load(last, i)
            value = e.add(e.load(self.new, i), difference)
            e.store(self.new, i, value)
            before = e.intrinsic("fabs", e.load(self.y, i))
            scale = e.load(self.par, self.plus(i, n))
            size = e.maximum(e.intrinsic("fabs", value), before)
            share = e.div(e.intrinsic("fabs", difference), e.fma(atol, scale, e.mul(self.rtol, size)))
            e.do(f"store {v} {self._largest(e.put(f'load {v}, ptr {worst}'), share)}, ptr {worst}")
            depth = e.div(e.neg(value), scale)
            known = e.put(f"load {v}, ptr {low}")
            e.do(f"store {v} {e.maximum(known, depth)}, ptr {low}")
        return e.put(f"load {v}, ptr {worst}"), e.put(f"load {v}, ptr {low}")

    def _largest(self, known: str, value: str) -> str:
        """The larger of two, NaN if either is."""
        e = self.e
        larger = e.select(e.compare("ugt", value, known), value, known)
        return e.select(e.compare("uno", known, known), known, larger)

    def _judge(
        self, alive: str, time: str, h: str, tnew: str, wanted: str, error: str, lowest: str, stages: list[str]
    ) -> None:
        """Accept or reject per lane; step-size control after Gustafsson (Hairer & Wanner 1996, IV.8)."""
        e, m = self.e, self.method
        zero, one = e.constant(0.0), e.constant(1.0)
        below = e.compare("ogt", lowest, e.mul(self.rtol, e.constant(NEGATIVE_TOLERANCE)))
        small = e.compare("ole", error, one)
        accepted = e.both(alive, e.without(small, below))
        rejected = e.without(alive, accepted)
        bounded = e.maximum(error, e.constant(1e-10))
        memory = e.load(self.block("memory"), 0)
        power = 1.0 / (m.embedded + 1)
        plain = e.mul(e.call("power", bounded, e.constant(-power)), e.constant(0.9))
        damp = e.call("power", e.div(memory, bounded), e.constant(0.5 * power))
        predictive = e.minimum(plain, e.mul(plain, damp))
        grow = e.minimum(e.maximum(predictive, e.constant(0.2)), e.constant(6.0))
        after_reject = e.compare("ogt", e.load(self.block("rejecting"), 0), zero)
        grow = e.select(after_reject, e.minimum(grow, one), grow)
        shrink = e.maximum(e.minimum(plain, e.constant(0.5)), e.constant(0.1))
        shrink = e.select(e.compare("uno", error, error), e.constant(0.1), shrink)
        shrink = e.select(below, e.minimum(shrink, e.constant(0.25)), shrink)
        grown = e.mul(h, grow)
        # a step cut short by a stop says nothing against the longer one that was wanted
        kept = e.select(e.compare("olt", h, wanted), e.maximum(grown, wanted), grown)
        step = self.block("step")
        following = e.select(accepted, kept, e.mul(h, shrink))
        e.store(step, 0, e.select(alive, following, e.load(step, 0)))
        e.store(self.block("memory"), 0, e.select(accepted, e.maximum(bounded, e.constant(1e-2)), memory))
        e.store(self.block("rejecting"), 0, e.select(rejected, one, e.select(accepted, zero, e.load(self.block("rejecting"), 0))))
        e.store(self.block("hs"), 0, h)
        e.store(self.block("tnew"), 0, tnew)
        sampling = e.both(accepted, e.compare("ole", e.load(self.block("sample"), 0), tnew))
        with e.when(e.any(sampling), "sampling"):
            self._sample(sampling, at_start=False, stages=stages)
        with e.loop(self.n, "accept") as i:
            e.store(self.y, i, e.select(accepted, e.load(self.new, i), e.load(self.y, i)))
        e.store(self.block("time"), 0, e.select(accepted, tnew, time))
        self._count("accepted", accepted)
        self._count("since", alive)
        self._remember(accepted, following)
        with e.when(e.any(rejected), "rejected"):
            self._count("rejected", rejected)
            smallest = e.mul(e.maximum(e.intrinsic("fabs", time), e.constant(1e-3)), e.constant(1e-14))
            lost = e.both(rejected, e.compare("olt", following, smallest))
            with e.when(e.any(lost), "lost"):
                self._blame(lost, error, below, stages[-1])
        steps = e.put(f"load {e.i}, ptr {self.block('since')}, align {8 * self.width}")
        limit = e.put(f"fptosi {e.v} {self._splat(self.option('most_steps'))} to {e.i}")
        too_many = e.both(alive, e.put(f"icmp sgt {e.i} {steps}, {limit}"))
        with e.when(e.any(too_many), "many"):
            self._fail(too_many, TOO_MANY)

    def _count(self, name: str, mask: str) -> None:
        e = self.e
        cell = self.block(name)
        old = e.put(f"load {e.i}, ptr {cell}, align {8 * self.width}")
        more = e.put(f"zext {e.m} {mask} to {e.i}")
        e.do(f"store {e.i} {e.put(f'add {e.i} {old}, {more}')}, ptr {cell}, align {8 * self.width}")

    def _remember(self, accepted: str, following: str) -> None:
        """Keep the step that the first accepted step after a dose proposes, for the next dose of that row."""
        e = self.e
        pending = e.put(f"load {e.i}, ptr {self.block('pending')}, align {8 * self.width}")
        waits = e.both(accepted, e.put(f"icmp ne {e.i} {pending}, zeroinitializer"))
        with e.when(e.any(waits), "remember"):
            with e.loop(self.width, "lane") as lane:
                bit = e.put(f"extractelement {e.m} {waits}, i64 {lane}")
                with e.when(bit, "keep"):
                    row = self.plus(e.read(self.block("pending"), lane, "i64"), -1)
                    max_rows = self.host("max_rows")
                    at = self.plus(self.times(self.plus(max_rows, 1), 3), row)
                    value = e.put(f"extractelement {e.v} {following}, i64 {lane}")
                    limit = e.put(f"fmul double {e.read(self.block('hs'), lane)}, 2.0")
                    nearer = e.put(f"fcmp olt double {value}, {limit}")
                    kept = e.put(f"select i1 {nearer}, double {value}, double {limit}")
                    place = self.plus(self.times(at, self.width), lane)
                    e.write(self.block("doses"), place, kept)
                    e.write(self.block("pending"), lane, "0", "i64")

    def _blame(self, lost: str, error: str, below: str, last: str) -> None:
        """Say why a lane is lost and which species is to blame."""
        e, n = self.e, self.n
        with e.loop(n, "blame") as i:
            value = e.load(self.new, i)
            scale = e.load(self.par, self.plus(i, n))
            deep = e.compare("ogt", e.div(e.neg(value), scale), e.mul(self.rtol, e.constant(NEGATIVE_TOLERANCE)))
            wrong = e.select(below, e.select(deep, e.constant(1.0), e.constant(0.0)), e.select(e.compare("uno", value, value), e.constant(1.0), e.constant(0.0)))
            size = e.fma(e.mul(self.rtol, e.constant(ABSOLUTE)), scale, e.mul(self.rtol, e.intrinsic("fabs", e.load(self.y, i))))
            share = e.div(e.intrinsic("fabs", e.load(last, i)), size)
            large = e.compare("oge", share, error)
            guilty = e.both(lost, e.either(e.compare("ogt", wrong, e.constant(0.0)), large))
            one = e.put(f"insertelement {e.i} poison, i64 {i}, i64 0")
            zeros = "<" + ", ".join(["i32 0"] * self.width) + ">"
            here = e.put(f"shufflevector {e.i} {one}, {e.i} poison, <{self.width} x i32> {zeros}")
            cell = self.block("bad")
            old = e.put(f"load {e.i}, ptr {cell}, align {8 * self.width}")
            e.do(f"store {e.i} {e.put(f'select {e.m} {guilty}, {e.i} {here}, {e.i} {old}')}, ptr {cell}, align {8 * self.width}")
        self._fail(lost, UNDERFLOW)
        self._fail(e.both(lost, e.compare("uno", error, error)), NOT_FINITE)
        self._fail(e.both(lost, below), NEGATIVE)

    def _fail(self, mask: str, code: int) -> None:
        e = self.e
        cell = self.block("code")
        old = e.put(f"load {e.i}, ptr {cell}, align {8 * self.width}")
        e.do(f"store {e.i} {e.put(f'select {e.m} {mask}, {e.i} {e.integers(code)}, {e.i} {old}')}, ptr {cell}, align {8 * self.width}")

    # -- samples ---------------------------------------------------------------------------------------------------

    def _sample(self, mask: str, at_start: bool, stages: list[str] | None = None) -> None:
        """While any lane has a sample within its step, read it out; `rhs` holds the interpolated species."""
        e, m, n, w = self.e, self.method, self.n, self.width
        pending = e.cell(e.m, mask)
        e._count += 1
        head, body, after = (f"sample.{e._count}.{part}" for part in ("head", "body", "end"))
        e.do(f"br label %{head}")
        e.label(head)
        now = e.put(f"load {e.m}, ptr {pending}")
        e.do(f"br i1 {e.any(now)}, label %{body}, label %{after}")
        e.label(body)
        moment = e.load(self.block("sample"), 0)
        if at_start:
            source = self.y
        else:
            x = e.div(e.sub(moment, e.load(self.block("time"), 0)), e.load(self.block("hs"), 0))
            x = e.minimum(e.maximum(x, e.constant(0.0)), e.constant(1.0))
            x = e.select(e.compare("uno", x, x), e.constant(0.0), x)
            rest = e.sub(e.constant(1.0), x)
            with e.loop(n, "dense") as i:
                slopes = [e.load(stage, i) for stage in stages or []]
                value = ""
                for row in reversed(m.H):
                    k = ""
                    for weight, slope in zip(row, slopes, strict=True):
                        if weight:
                            k = e.fma(e.constant(weight), slope, k) if k else e.mul(e.constant(weight), slope)
                    value = e.fma(x, value, k) if value else k
                value = e.fma(rest, value, e.load(self.new, i))
                e.store(self.rhs, i, e.fma(x, value, e.mul(rest, e.load(self.y, i))))
            source = self.rhs
        observed = self.block("observed")
        e.do(f"call void @observe.{w}({e.v} {moment}, ptr {source}, ptr {self.par}, ptr {observed})")
        outputs = len(self.kernel.observed)
        with e.loop(w, "lane") as lane:
            bit = e.put(f"extractelement {e.m} {now}, i64 {lane}")
            with e.when(bit, "keep"):
                index = e.read(self.block("next"), lane, "i64")
                subject = e.read(self.block("subject"), lane, "i64")
                place = self.plus(self.times(subject, self.host("samples")), index)
                to = e.address(self.pointer("out"), self.times(place, outputs))
                with e.loop(outputs, "output") as o:
                    e.write(to, o, e.read(observed, self.plus(self.times(o, w), lane)))
                e.write(self.block("next"), lane, self.plus(index, 1), "i64")
                e.do(f"call void @find_sample(ptr %context, ptr %work, i64 {lane})")
        reach = e.load(self.block("time" if at_start else "tnew"), 0)
        still = e.compare("ole", e.load(self.block("sample"), 0), reach)
        e.do(f"store {e.m} {e.both(mask, still)}, ptr {pending}")
        e.do(f"br label %{head}")
        e.label(after)

    def find_sample(self) -> str:
        """The function form of `_find_sample`."""
        self.e = Lanes(self.width)
        self._find_sample()
        return self._function("find_sample")


_INF = literal(math.inf)
