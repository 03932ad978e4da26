"""One run: the arrays that the machine code reads and writes, and the threads that run it."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from cereblon.network.dosing import Dose
from cereblon.network.machine import Program
from cereblon.network.trajectory import OUTCOMES, Status
from cereblon.network.workspace import CONTEXT, OPTIONS, ROW, STATUS

Floats = NDArray[np.float64]
CANCELLED = OUTCOMES.index("cancelled")


@dataclass(frozen=True)
class Settings:
    """How to run: the numbers named in `workspace.OPTIONS`, threads, and who watches.

    `watched`: the caller gave `progress` or `cancel`, so it reads the status of each subject and may be handed a part.
    """

    rtol: float
    first_step: float
    largest_step: float
    most_steps: float
    threads: int
    progress: Callable[[int, int], None] | None
    cancel: threading.Event
    watched: bool = False

    @property
    def numbers(self) -> list[float]:
        """The options in the order of the machine code."""
        return [float(getattr(self, name)) for name in OPTIONS]


class Run:
    """The arrays that the machine code reads and writes, and the threads that run it."""

    def __init__(
        self,
        program: Program,
        species: Sequence[str],
        given: list[Floats],
        attributes: tuple[str, ...],
        calendars: list[tuple[Dose, ...]],
        which: list[int],
        sampled: Floats,
        subjects: int,
        start: float,
        settings: Settings,
    ) -> None:
        self.settings = settings
        self.program, self.subjects, self.sampled, self.begin = program, subjects, sampled, start
        self.given, self.attributes, self.calendars = given, attributes, calendars
        self.species = list(species)
        kernel = program.kernel
        self.rows = [dose for calendar in calendars for dose in calendar]
        self.table = np.zeros((max(1, len(self.rows)), len(ROW)))
        infused = {self.species[slot]: k for k, slot in enumerate(kernel.structure.infused)}
        for k, dose in enumerate(self.rows):
            self.table[k] = (
                dose.time, dose.amt, dose.ii, dose.addl + 1, self.species.index(dose.species), dose.duration, dose.rate,
                attributes.index(dose.lag) if dose.lag else -1, attributes.index(dose.F) if dose.F else -1,
                infused.get(dose.species, -1), float(dose.reset),
            )  # fmt: skip
        first = np.concatenate([[0], np.cumsum([len(c) for c in calendars])]).astype(np.int64)
        shared = len(calendars) == 1
        self.schedule = np.array(
            [[first[w], len(calendars[w])] for w in (which[:1] if shared else which)], dtype=np.int64
        )
        self.schedule_stride = 0 if shared else 2
        self.max_rows = max(len(c) for c in calendars)
        self.which = which
        self.out = np.full((subjects, sampled.shape[-1], len(kernel.observed)), np.nan)
        self.state = np.full((subjects, program.workspace.state_size(self.max_rows)), np.nan)
        self.status = np.zeros((subjects, len(STATUS)), dtype=np.int64)
        self.raw = np.array([a.ctypes.data for a in given] or [0], dtype=np.int64)
        self.raw_stride = np.array([int(a.size > 1) for a in given] or [0], dtype=np.int64)
        self.factor: Floats | None = None
        self.resume = np.zeros(subjects, dtype=np.int64)
        self.active = np.arange(subjects)

    def beginning_with(self, calendars: list[tuple[Dose, ...]]) -> Run:
        """The same subjects under other doses, from the start, without samples."""
        return Run(
            self.program, self.species, self.given, self.attributes, calendars, self.which,
            np.array([self.begin]), self.subjects, self.begin, replace(self.settings, progress=None),
        )  # fmt: skip

    def exclude(self, *attributes: Mapping[str, Floats]) -> None:
        """Subjects whose lag or F is no number fail before they start; the others run."""
        bad = np.zeros(self.subjects, dtype=bool)
        for table in attributes:
            for values in table.values():
                bad |= np.isnan(values)
        self.status[bad, 0] = OUTCOMES.index("not finite")
        self.state[bad, len(self.species)] = self.begin
        self.active = np.flatnonzero(~bad)

    def leg(self, end: Floats) -> None:
        """Integrate every active subject to its end, and keep active those who got there."""
        pick = np.ascontiguousarray(self.active, dtype=np.int64)
        if not len(pick) or self.settings.cancel.is_set():
            self.status[pick, 0] = CANCELLED
            return
        begin = np.array([self.begin])
        queue, done = np.zeros(1, dtype=np.int64), np.zeros(1, dtype=np.int64)
        flag = np.zeros(1, dtype=np.int64)
        options = np.array(self.settings.numbers)
        self.status[pick, 0] = CANCELLED
        work = self.program.workspace.total(self.max_rows) * self.program.width
        memory = [_aligned(work) for _ in range(self.settings.threads)]
        contexts = []
        for area in memory:
            cells = {
                "subjects": len(pick), "list": pick, "queue": queue, "done": done, "cancel": flag, "workspace": area,
                "raw": self.raw, "raw_stride": self.raw_stride, "sample_time": self.sampled,
                "sample_stride": self.sampled.shape[1] if self.sampled.ndim == 2 else 0,
                "samples": self.sampled.shape[-1], "out": self.out, "rows": self.table, "schedule": self.schedule,
                "schedule_stride": self.schedule_stride, "factor": 0 if self.factor is None else self.factor,
                "state": self.state, "max_rows": self.max_rows, "start": begin, "start_stride": 0, "end": end,
                "end_stride": int(end.size > 1), "status": self.status, "options": options, "resume": self.resume,
            }  # fmt: skip
            contexts.append(
                np.array(
                    [c.ctypes.data if isinstance(c, np.ndarray) else c for c in (cells[n] for n in CONTEXT)],
                    dtype=np.int64,
                )
            )
        # what the machine code writes to must outlive it, even when Ctrl-C comes between two lines of `_watch`
        held = (self, contexts, memory, begin, end, options, pick, queue)
        self._watch(contexts, done, flag, held)
        self.active = pick[self.status[pick, 0] == 0]
        self.resume[self.active] = 1

    def _watch(
        self, contexts: list[NDArray[np.int64]], done: NDArray[np.int64], flag: NDArray[np.int64], held: object
    ) -> None:
        """Run the threads; report progress, pass on Ctrl-C and `cancel` to the machine code.

        Raises KeyboardInterrupt when nobody watches: a part of the numbers would then pass for all of them.
        """

        def work(context: NDArray[np.int64], held: object) -> None:
            self.program.run(context.ctypes.data)

        workers = [threading.Thread(target=work, args=(c, (held, done, flag)), daemon=True) for c in contexts]
        wait, pressed = 0.001, False
        try:
            for worker in workers:
                worker.start()
            while any(worker.is_alive() for worker in workers):
                try:
                    for worker in workers:
                        worker.join(wait)
                    wait = min(0.1, wait * 1.5)
                    if self.settings.progress:
                        self.settings.progress(int(done[0]), self.subjects)
                except KeyboardInterrupt:
                    pressed = True
                    self.settings.cancel.set()
                if self.settings.cancel.is_set():
                    flag[0] = 1
        except BaseException:
            flag[0] = 1  # what the watcher raised must not wait for the whole cohort
            raise
        finally:
            while any(worker.is_alive() for worker in workers):
                try:
                    for worker in workers:
                        if worker.is_alive():
                            worker.join()
                except KeyboardInterrupt:
                    pressed, flag[0] = True, 1
        if pressed and not self.settings.watched:
            raise KeyboardInterrupt
        if self.settings.progress:
            self.settings.progress(int(done[0]), self.subjects)

    def statuses(self, species: tuple[str, ...]) -> tuple[Status, ...]:
        """A Status per subject."""
        n = len(species)
        return tuple(
            Status(
                OUTCOMES[code],
                float(np.nan_to_num(self.state[i, n], nan=self.begin)),
                species[bad] if code in (1, 3, 4) else "",
                int(accepted),
                int(rejected),
            )
            for i, (code, bad, accepted, rejected) in enumerate(self.status.tolist())
        )


def _aligned(doubles: int) -> Floats:
    """Memory on a 64-byte boundary, for aligned vector loads."""
    raw = np.zeros(doubles + 8)
    offset = (-raw.ctypes.data % 64) // 8
    return raw[offset : offset + doubles]
