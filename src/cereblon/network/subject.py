"""One lane's turns between steps, in scalar machine code: take a subject, give its doses, put it away."""

from __future__ import annotations

from cereblon.network.lanes import Lanes
from cereblon.network.workspace import INFINITY, KEPT, ROW, STATUS, Words


class Subject(Words):
    """Writes the functions `refill`, `dose`, `find_sample` and `finish`, each of (context, workspace, lane)."""

    def write(self) -> str:
        """IR of all of them."""
        return "\n".join((self._dose(), self._refill(), self._finish(), self._find_sample_function()))

    def _dose(self) -> str:
        """Give what is due at this lane's time, find its next stop."""
        e = self.e = Lanes(self.width)
        time, subject, max_rows = self.get("time"), self.get("subject", "i64"), self.host("max_rows")
        schedule = self.pointer("schedule")
        place = self.times(subject, self.host("schedule_stride"))
        first, count = e.read(schedule, place, "i64"), e.read(schedule, self.plus(place, 1), "i64")
        stop, last = e.cell("double", self.get("end")), e.cell("i64", "-1")
        self._no_infusion()
        rows = self.pointer("rows")
        with e.loop(count, "row") as r:
            row = e.address(rows, self.times(self.plus(first, r), len(ROW)))

            def field(name: str, row: str = row) -> str:
                return e.read(row, ROW.index(name))

            def whole(name: str) -> str:
                return e.put(f"fptosi double {field(name)} to i64")

            lag = self._attribute(whole("lag"), "0.0")
            begin = e.put(f"fadd double {field('time')}, {lag}")
            given_at, ended_at, rate_at, length_at = (
                self.per_dose(kind, r, max_rows) for kind in ("given", "ended", "rate", "length")
            )
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
            target_row = whole("species")
            volume = e.put(f"load double, ptr {self.at_lane(self.block('par'), self.plus(target_row, 2 * self.n))}")
            jump = e.put(f"fdiv double {amount}, {volume}")
            duration = field("duration")
            by_rate = e.put(f"fcmp ogt double {field('rate')}, 0.0")
            hours = e.put(f"fdiv double {amount}, {field('rate')}")
            length = e.put(f"select i1 {by_rate}, double {hours}, double {duration}")
            with e.when(e.put(f"and i1 {open_}, {reached}"), "give"):
                with e.when(e.put(f"fcmp ogt double {field('reset')}, 0.0"), "reset"):
                    self._reset(count, max_rows)
                # an infusion that the clock cannot tell from an instant is one
                bolus = e.put(f"fcmp ole double {due(given, length)}, {time}")
                with e.when(bolus, "bolus"):
                    target = self.at_lane(self.block("y"), target_row)
                    old = e.put(f"load double, ptr {target}")
                    e.do(f"store double {e.put(f'fadd double {old}, {jump}')}, ptr {target}")
                    e.do(f"store double {e.put(f'fadd double {given}, 1.0')}, ptr {ended_at}")
                with e.when(e.put(f"fcmp ugt double {due(given, length)}, {time}"), "infuse"):
                    # kept, so that a change of factor at a visit leaves a running infusion as it is
                    e.do(f"store double {e.put(f'fdiv double {jump}, {length}')}, ptr {rate_at}")
                    e.do(f"store double {length}, ptr {length_at}")
                e.do(f"store double {e.put(f'fadd double {given}, 1.0')}, ptr {given_at}")
                e.do(f"store i64 {r}, ptr {last}")
            given = e.put(f"load double, ptr {given_at}")
            ended = e.put(f"load double, ptr {ended_at}")
            length = e.put(f"load double, ptr {length_at}")
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
        return self.function("dose")

    def _reset(self, count: str, max_rows: str) -> None:
        """Every species back to its initial value, every running infusion over."""
        e = self.e
        with e.loop(self.n, "initial") as i:
            start = e.put(f"load double, ptr {self.at_lane(self.block('par'), i)}")
            e.do(f"store double {start}, ptr {self.at_lane(self.block('y'), i)}")
        with e.loop(count, "running") as r:
            given = e.put(f"load double, ptr {self.per_dose('given', r, max_rows)}")
            e.do(f"store double {given}, ptr {self.per_dose('ended', r, max_rows)}")
        self._no_infusion()

    def _no_infusion(self) -> None:
        for slot in range(len(self.kernel.structure.infused)):
            self.e.do(f"store double 0.0, ptr {self.at_lane(self.block('infusion'), slot)}")

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
        remembered = e.put(f"load double, ptr {self.per_dose('restart', row, max_rows)}")
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
        for name, value in (
            ("time", start),
            ("start", start),
            ("stop", start),
            ("end", end),
            ("alive", "1.0"),
            ("rejecting", "0.0"),
        ):
            self.set(name, value)
        for name in ("next", "accepted", "rejected", "code", "bad"):
            self.set(name, "0", "i64")
        with e.loop(self.counters(), "counter") as i:
            e.do(f"store double 0.0, ptr {self.at_lane(self.block('doses'), i)}")
        self._restart(max_rows, max_rows)
        resume = e.read(self.pointer("resume"), subject, "i64")
        with e.when(e.put(f"icmp ne i64 {resume}, 0"), "resume"):
            state = self.state(subject)
            for k, (name, kind) in enumerate(KEPT):
                self.set(name, e.read(state, self.n + k, kind), kind)
            with e.loop(self.counters(), "counter") as i:
                counter = e.read(state, self.plus(i, self.n + len(KEPT)))
                e.do(f"store double {counter}, ptr {self.at_lane(self.block('doses'), i)}")
            self.set("stop", self.get("time"))
            self.set("auto", "0.0")
            self.set("pending", "0", "i64")
        self._find_sample()
        return self.function("refill")

    def _find_sample(self) -> None:
        """Put the lane's next sample time into `sample`, infinity after the last."""
        e = self.e
        index = self.get("next", "i64")
        found = e.cell("double", INFINITY)
        with e.when(e.put(f"icmp slt i64 {index}, {self.host('samples')}"), "sample"):
            base = self.times(self.get("subject", "i64"), self.host("sample_stride"))
            e.do(f"store double {e.read(self.pointer('sample_time'), self.plus(base, index))}, ptr {found}")
        self.set("sample", e.put(f"load double, ptr {found}"))

    # -- finish --------------------------------------------------------------------------------------------------

    def _finish(self) -> str:
        """Keep what a finished or failed lane leaves behind and count it."""
        e = self.e = Lanes(self.width)
        subject = self.get("subject", "i64")
        state = self.state(subject)
        with e.loop(self.n, "species") as i:
            e.write(state, i, e.put(f"load double, ptr {self.at_lane(self.block('y'), i)}"))
        for k, (name, kind) in enumerate(KEPT):
            e.write(state, self.n + k, self.get(name, kind), kind)
        with e.loop(self.counters(), "counter") as i:
            value = e.put(f"load double, ptr {self.at_lane(self.block('doses'), i)}")
            e.write(state, self.plus(i, self.n + len(KEPT)), value)
        status = e.address(self.pointer("status"), self.times(subject, len(STATUS)), "i64")
        for k, name in enumerate(("code", "bad", "accepted", "rejected")):
            e.write(status, k, self.get(name, "i64"), "i64")
        self.set("subject", "-1", "i64")
        self.set("alive", "0.0")
        self.set("sample", INFINITY)
        e.put(f"atomicrmw add ptr {self.pointer('done')}, i64 1 monotonic")
        return self.function("finish")

    def _find_sample_function(self) -> str:
        self.e = Lanes(self.width)
        self._find_sample()
        return self.function("find_sample")
