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

from cereblon.network.kernel import Kernel
from cereblon.network.lanes import Lanes, functions
from cereblon.network.rosenbrock import Method
from cereblon.network.step import Step
from cereblon.network.subject import Subject
from cereblon.network.workspace import CONTEXT, INFINITY


def module(kernel: Kernel, method: Method, width: int) -> str:
    """LLVM IR of everything, entry point `i64 @run(ptr context)`."""
    parts = (
        functions(width),
        kernel.functions(width),
        Subject(kernel, method, width).write(),
        Driver(kernel, method, width).write(),
        'attributes #1 = { nounwind "prefer-vector-width"="512" "min-legal-vector-width"="512" }',
    )
    lines = "\n".join(parts).splitlines()
    declared = sorted({line for line in lines if line.startswith("declare")})
    return "\n".join([*declared, *(line for line in lines if not line.startswith("declare"))])


class Driver(Step):
    """Writes the loop."""

    def write(self) -> str:
        """IR of `run`."""
        e = self.e = Lanes(self.width)
        self._run()
        work = f"getelementptr inbounds i64, ptr %context, i64 {CONTEXT.index('workspace')}"
        return "\n".join(sorted(e.calls)) + (
            f"\ndefine internal i64 @loop(ptr %context, ptr %work) #1 {{\nentry:\n{e.body()}\n}}\n"
            f"define i64 @run(ptr %context) #1 {{\nentry:\n  %cell = {work}\n  %work = load ptr, ptr %cell\n"
            "  %code = call i64 @loop(ptr %context, ptr %work)\n  ret i64 %code\n}\n"
        )

    def _run(self) -> None:
        e = self.e
        largest = self.splat(self.option("largest_step"))
        with e.loop(self.width, "lane") as lane:
            for name, value in (("subject", "-1"), ("next", "0")):
                e.write(self.block(name), lane, value, "i64")
            for name, value in (
                ("alive", "0.0"), ("sample", INFINITY), ("time", "0.0"), ("step", "1.0"), ("stop", "0.0"),
                ("end", "0.0"), ("memory", "1.0e-4"), ("rejecting", "0.0"), ("auto", "0.0"), ("start", "0.0"),
            ):  # fmt: skip
                e.write(self.block(name), lane, value)
        e.do("br label %again")

        e.label("again")
        cancel = e.put(f"load atomic i64, ptr {self.pointer('cancel')} monotonic, align 8")
        e.do(f"br i1 {e.put(f'icmp ne i64 {cancel}, 0')}, label %stopped, label %attend")
        e.label("stopped")
        e.do("ret i64 1")
        e.label("attend")
        self._attend()
        alive = e.compare("ogt", e.load(self.block("alive"), 0), e.constant(0.0))
        e.do(f"br i1 {e.any(alive)}, label %step, label %finished")
        e.label("finished")
        e.do("ret i64 0")
        e.label("step")
        moving = e.compare("olt", e.load(self.block("time"), 0), e.load(self.block("stop"), 0))
        self._step(e.both(alive, moving), largest)
        e.do("br label %again")

    def _attend(self) -> None:
        """Lanes at a stop: dose or finish; empty lanes: the next subject."""
        e = self.e
        at_stop = e.compare("oeq", e.load(self.block("time"), 0), e.load(self.block("stop"), 0))
        failed = e.put(f"icmp ne {e.i} {self.integers('code')}, zeroinitializer")
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
                        e.write(self.block("subject"), lane, e.read(self.pointer("list"), following, "i64"), "i64")
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
                e.do(f"call void @prepare.{self.width}(ptr {self.block('raw')}, ptr {self.par})")
                with e.loop(self.width, "lane") as lane:
                    bit = e.put(f"and i64 {e.put(f'lshr i64 {started}, {lane}')}, 1")
                    with e.when(e.put(f"icmp ne i64 {bit}, 0"), "initial"):
                        self._initial(lane)
                self._sample(
                    e.compare("ole", e.load(self.block("sample"), 0), e.load(self.block("time"), 0)), at_start=True
                )
            with e.loop(self.width, "lane") as lane:
                held = e.read(self.block("subject"), lane, "i64")
                time, stop = e.read(self.block("time"), lane), e.read(self.block("stop"), lane)
                # at the end of a leg nothing is given: a dose due there opens the next leg
                due = e.put(f"fcmp oeq double {time}, {stop}")
                before = e.put(f"fcmp olt double {time}, {e.read(self.block('end'), lane)}")
                due = e.put(f"and i1 {due}, {before}")
                with e.when(e.put(f"and i1 {due}, {e.put(f'icmp sge i64 {held}, 0')}"), "dose"):
                    e.do(f"call void @dose(ptr %context, ptr %work, i64 {lane})")

    def _initial(self, lane: str) -> None:
        """Initial values of a fresh lane: from its parameters, or from the state it was left in."""
        e = self.e
        subject = e.read(self.block("subject"), lane, "i64")
        resume = e.put(f"icmp ne i64 {e.read(self.pointer('resume'), subject, 'i64')}, 0")
        state = self.state(subject)
        with e.loop(self.n, "species") as i:
            place = self.plus(self.times(i, self.width), lane)
            kept = e.cell("double", e.read(self.par, place))
            with e.when(resume, "resumed"):
                e.do(f"store double {e.read(state, i)}, ptr {kept}")
            e.write(self.y, place, e.put(f"load double, ptr {kept}"))
