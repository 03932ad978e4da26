"""One Rosenbrock step on all lanes, in vector machine code; each lane accepts or rejects for itself."""

from __future__ import annotations

from cereblon.network.trajectory import OUTCOMES
from cereblon.network.workspace import COUNTERS, Words

UNDERFLOW, TOO_MANY, NOT_FINITE, NEGATIVE = (
    OUTCOMES.index(name)
    for name in ("step size underflow", "too many steps", "not finite", "negative beyond tolerance")
)
ABSOLUTE = 1e-3  # atol_i = ABSOLUTE * rtol * scale_i
NEGATIVE_TOLERANCE = 100.0  # in units of rtol * scale_i
SAFETY, LEAST, MOST = 0.9, 0.2, 6.0  # step-size control


class Step(Words):
    """Writes a step and its samples into the loop."""

    @property
    def y(self) -> str:
        """Pointer to the species at the last accepted time."""
        return self.block("y")

    @property
    def new(self) -> str:
        """Pointer to a stage's argument, at last the species at the new time."""
        return self.block("new")

    @property
    def rhs(self) -> str:
        """Pointer to a right-hand side; between steps, to interpolated species."""
        return self.block("rhs")

    @property
    def par(self) -> str:
        """Pointer to what is fixed per subject."""
        return self.block("par")

    def tolerance(self) -> str:
        """rtol in every lane."""
        return self.splat(self.option("rtol"))

    def _rates(self, time: str, y: str, to: str) -> None:
        w, v = self.width, self.e.v
        self.e.do(f"call void @rates.{w}({v} {time}, ptr {y}, ptr {self.par}, ptr {self.block('infusion')}, ptr {to})")

    def _stage(self, i: int) -> str:
        return self.e.put(f"getelementptr inbounds {self.e.v}, ptr %work, i64 {self.space.row('stage') + i * self.n}")

    def _step(self, alive: str, largest: str) -> None:
        e, m, n, w = self.e, self.method, self.n, self.width
        zero, one = e.constant(0.0), e.constant(1.0)
        time, stop = e.load(self.block("time"), 0), e.load(self.block("stop"), 0)
        self._rates(time, self.y, self.block("f"))
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
        lu, drift = self.block("lu"), self.block("drift")
        e.do(f"call void @factor.{w}({e.v} {time}, ptr {self.y}, ptr {self.par}, {e.v} {shift}, ptr {lu}, ptr {drift})")
        stages = [self._stage(i) for i in range(m.stages)]
        drifts = bool(self.kernel.drift)
        for s in range(m.stages):
            if s:
                self._argument(s, stages)
                moment = e.fma(h, e.constant(m.c[s]), time)
                self._rates(moment, self.new, self.rhs)
            source = self.rhs if s else self.block("f")
            weights = [e.mul(inverse, e.constant(c)) for c in m.C[s]]
            slip = e.mul(h, e.constant(m.d[s])) if drifts and m.d[s] else ""
            if weights or slip:
                with e.loop(n, "rhs") as i:
                    value = e.load(source, i)
                    for j, weight in enumerate(weights):
                        value = e.fma(weight, e.load(stages[j], i), value)
                    if slip:
                        value = e.fma(slip, e.load(drift, i), value)
                    e.store(self.rhs, i, value)
                source = self.rhs
            e.do(f"call void @solve.{w}(ptr {lu}, ptr {source}, ptr {stages[s]})")
        error, below = self._error(stages[-1])
        self._judge(alive, time, h, tnew, wanted, error, below, stages)

    def _first_step(self, auto: str) -> None:
        """A step that changes no species by more than 1 % of its tolerance's reference size."""
        e, n = self.e, self.n
        fastest = e.cell(e.v, e.constant(1e-12))
        with e.loop(n, "species") as i:
            size = e.fma(
                e.load(self.par, self.plus(i, n)), e.constant(ABSOLUTE), e.intrinsic("fabs", e.load(self.y, i))
            )
            speed = e.div(e.intrinsic("fabs", e.load(self.block("f"), i)), size)
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
        """new += U_s; the largest scaled error of any species (NaN if any is), and a mask of lanes gone negative.

        Ratios are compared crosswise, so that one division serves all species.
        """
        e, n, v = self.e, self.n, self.e.v
        worst, worst_size = e.cell(v, e.constant(0.0)), e.cell(v, e.constant(1.0))
        spoilt, depth = e.cell(v, e.constant(0.0)), e.cell(v, e.constant(0.0))
        rtol = self.tolerance()
        atol, floor = e.mul(rtol, e.constant(ABSOLUTE)), e.mul(rtol, e.constant(NEGATIVE_TOLERANCE))
        with e.loop(n, "error") as i:
            difference = e.load(last, i)
            value = e.add(e.load(self.new, i), difference)
            e.store(self.new, i, value)
            before = e.intrinsic("fabs", e.load(self.y, i))
            scale = e.load(self.par, self.plus(i, n))
            size = e.fma(atol, scale, e.mul(rtol, e.maximum(e.intrinsic("fabs", value), before)))
            gap = e.intrinsic("fabs", difference)
            known, known_size = (e.put(f"load {v}, ptr {cell}") for cell in (worst, worst_size))
            larger = e.compare("ogt", e.mul(gap, known_size), e.mul(known, size))
            e.do(f"store {v} {e.select(larger, gap, known)}, ptr {worst}")
            e.do(f"store {v} {e.select(larger, size, known_size)}, ptr {worst_size}")
            e.do(f"store {v} {e.fma(value, e.constant(0.0), e.put(f'load {v}, ptr {spoilt}'))}, ptr {spoilt}")
            below = e.sub(e.neg(value), e.mul(floor, scale))
            e.do(f"store {v} {e.maximum(e.put(f'load {v}, ptr {depth}'), below)}, ptr {depth}")
        ratio = e.div(e.put(f"load {v}, ptr {worst}"), e.put(f"load {v}, ptr {worst_size}"))
        deep = e.compare("ogt", e.put(f"load {v}, ptr {depth}"), e.constant(0.0))
        return e.add(ratio, e.put(f"load {v}, ptr {spoilt}")), deep

    def _judge(
        self, alive: str, time: str, h: str, tnew: str, wanted: str, error: str, below: str, stages: list[str]
    ) -> None:
        """Accept or reject per lane; step-size control after Gustafsson (Hairer & Wanner 1996, IV.8)."""
        e, m = self.e, self.method
        zero, one = e.constant(0.0), e.constant(1.0)
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
        e.store(
            self.block("rejecting"),
            0,
            e.select(rejected, one, e.select(accepted, zero, e.load(self.block("rejecting"), 0))),
        )
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
            lost = e.both(rejected, e.compare("ult", following, smallest))
            with e.when(e.any(lost), "lost"):
                self._blame(lost, error, below, stages[-1])
        steps = e.put(f"load {e.i}, ptr {self.block('since')}, align {8 * self.width}")
        limit = e.put(f"fptosi {e.v} {self.splat(self.option('most_steps'))} to {e.i}")
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
        with e.when(e.any(waits), "remember"), e.loop(self.width, "lane") as lane:
            bit = e.put(f"extractelement {e.m} {waits}, i64 {lane}")
            with e.when(bit, "keep"):
                row = self.plus(e.read(self.block("pending"), lane, "i64"), -1)
                max_rows = self.host("max_rows")
                at = self.plus(self.times(self.plus(max_rows, 1), COUNTERS.index("restart")), row)
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
        rtol = self.tolerance()
        atol, floor = e.mul(rtol, e.constant(ABSOLUTE)), e.mul(rtol, e.constant(NEGATIVE_TOLERANCE))
        with e.loop(n, "blame") as i:
            value, scale = e.load(self.new, i), e.load(self.par, self.plus(i, n))
            deep = e.both(below, e.compare("ogt", e.div(e.neg(value), scale), floor))
            size = e.fma(atol, scale, e.mul(rtol, e.intrinsic("fabs", e.load(self.y, i))))
            large = e.compare("oge", e.div(e.intrinsic("fabs", e.load(last, i)), size), error)
            guilty = e.both(lost, e.either(deep, e.either(large, e.compare("uno", value, value))))
            here = self.splat(i, "i64")
            cell = self.block("bad")
            old = e.put(f"load {e.i}, ptr {cell}, align {8 * self.width}")
            chosen = e.put(f"select {e.m} {guilty}, {e.i} {here}, {e.i} {old}")
            e.do(f"store {e.i} {chosen}, ptr {cell}, align {8 * self.width}")
        self._fail(lost, UNDERFLOW)
        self._fail(e.both(lost, e.compare("uno", error, error)), NOT_FINITE)
        self._fail(e.both(lost, below), NEGATIVE)

    def _fail(self, mask: str, code: int) -> None:
        e = self.e
        cell = self.block("code")
        old = e.put(f"load {e.i}, ptr {cell}, align {8 * self.width}")
        chosen = e.put(f"select {e.m} {mask}, {e.i} {e.integers(code)}, {e.i} {old}")
        e.do(f"store {e.i} {chosen}, ptr {cell}, align {8 * self.width}")

    # -- samples ---------------------------------------------------------------------------------------------------

    def _sample(self, mask: str, at_start: bool, stages: list[str] | None = None) -> None:
        """While any lane has a sample within its step, read it out; `rhs` holds the interpolated species."""
        e, w = self.e, self.width
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
            self._between(moment, x, stages or [])
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

    def _between(self, moment: str, x: str, stages: list[str]) -> None:
        """rhs = the continuous extension at a share x of the step, less its defect.

        A species that follows the others at its own fast rate is right at the ends of a long step and may be far off in
        between. One Newton step on the defect f(P) - P', with the factors of the step at hand, brings it back; where
        nothing is fast this is a change of the extension's own order. At the end of a step it is left out.
        """
        e, m, n, w = self.e, self.method, self.n, self.width
        one = e.constant(1.0)
        rest, slant = e.sub(one, x), e.fma(e.constant(-2.0), x, one)
        bulge = e.mul(x, rest)
        inverse = e.div(one, e.load(self.block("hs"), 0))
        slope, rates = self.block("slope"), self.block("f")
        with e.loop(n, "dense") as i:
            y, new = e.load(self.y, i), e.load(self.new, i)
            columns = [e.load(stage, i) for stage in stages]
            value = rise = ""  # k_1 + x (k_2 + x ...) and its slope
            for row in reversed(m.H):
                k = ""
                for weight, column in zip(row, columns, strict=True):
                    if weight:
                        k = e.fma(e.constant(weight), column, k) if k else e.mul(e.constant(weight), column)
                if value:
                    rise = e.fma(x, rise, value) if rise else value
                value = e.fma(x, value, k) if value else k
            steep = e.fma(bulge, rise, e.fma(slant, value, e.sub(new, y)))
            e.store(slope, i, e.mul(inverse, steep))
            value = e.fma(rest, value, new)
            e.store(self.rhs, i, e.fma(x, value, e.mul(rest, y)))
        self._rates(moment, self.rhs, rates)
        with e.loop(n, "defect") as i:
            e.store(rates, i, e.sub(e.load(rates, i), e.load(slope, i)))
        e.do(f"call void @solve.{w}(ptr {self.block('lu')}, ptr {rates}, ptr {slope})")
        inside = e.compare("olt", x, one)
        with e.loop(n, "mend") as i:
            value = e.load(self.rhs, i)
            e.store(self.rhs, i, e.select(inside, e.add(value, e.load(slope, i)), value))
