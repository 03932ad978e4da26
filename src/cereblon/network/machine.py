"""From IR to a callable: LLVM through llvmlite, once per structure, method and processor."""

from __future__ import annotations

import ctypes
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from cereblon.network.driver import module
from cereblon.network.kernel import Kernel, Structure
from cereblon.network.lanes import WIDTHS
from cereblon.network.rosenbrock import Method
from cereblon.network.workspace import Workspace


@dataclass(frozen=True)
class Program:
    """A compiled network: `run(context)` integrates until the queue is empty, without the interpreter's lock."""

    kernel: Kernel
    workspace: Workspace
    width: int
    run: Any
    engine: Any


FIRST_LEVEL_CACHE = 48 * 1024  # bytes, of the processors with eight lanes


@lru_cache(maxsize=1)
def processor() -> tuple[str, str]:
    """Name and feature list of this processor, as LLVM knows it."""
    import llvmlite.binding as llvm

    return llvm.get_host_cpu_name(), llvm.get_host_cpu_features().flatten()


def native_width(species: int, stages: int) -> int:
    """Lanes that fit this processor's registers: 8 with AVX-512, 4 with AVX, else 2; and of 8 and 4 the one whose
    stages stay in the first-level cache. The result of a run does not depend on it."""
    _, features = processor()
    widest = 0 if "+avx512f" in features else 1 if "+avx," in features + "," else 2
    hot = 8 * species * (stages + 4)  # bytes per lane: the stages, and y, new, f and the right-hand side
    return WIDTHS[max(widest, 1)] if hot * WIDTHS[0] > FIRST_LEVEL_CACHE else WIDTHS[widest]


@lru_cache(maxsize=64)
def compiled(structure: Structure, method: Method, width: int, cpu: str = "", features: str = "") -> Program:
    """Compile a structure for a processor (this one unless named); the cache is by structure, not by names."""
    kernel = Kernel(structure)
    engine = _engine(module(kernel, method, width), cpu, features)
    run = ctypes.CFUNCTYPE(ctypes.c_int64, ctypes.c_void_p)(engine.get_function_address("run"))
    return Program(kernel, Workspace(kernel, method), width, run, engine)


def _target(triple: str, cpu: str, features: str) -> Any:
    import llvmlite.binding as llvm

    llvm.initialize_native_target()
    llvm.initialize_native_asmprinter()
    host, host_features = processor()
    return llvm.Target.from_triple(triple).create_target_machine(
        cpu=cpu or host, features=features or ("" if cpu else host_features), opt=2
    )


def _engine(text: str, cpu: str, features: str) -> Any:
    import llvmlite.binding as llvm

    machine = _target(llvm.get_process_triple(), cpu, features)
    parsed = optimised(text, machine)
    return llvm.create_mcjit_compiler(parsed, machine)


def optimised(text: str, machine: Any) -> Any:
    """Parse, verify, and turn stack cells into registers; the arithmetic is left exactly as written."""
    import llvmlite.binding as llvm

    parsed = llvm.parse_assembly(text)
    parsed.verify()
    options = llvm.create_pipeline_tuning_options(speed_level=1)
    builder = llvm.create_pass_builder(machine, options)
    passes = llvm.create_new_module_pass_manager()
    for add in (
        "add_sroa_pass",
        "add_instruction_combine_pass",
        "add_simplify_cfg_pass",
        "add_loop_rotate_pass",
        "add_licm_pass",
    ):
        if hasattr(passes, add):
            getattr(passes, add)()
    passes.run(parsed, builder)
    return parsed


def assembly(structure: Structure, method: Method, width: int, triple: str, cpu: str) -> str:
    """Assembly text for another processor family, e.g. aarch64; nothing is run."""
    import llvmlite.binding as llvm

    llvm.initialize_all_targets()
    llvm.initialize_all_asmprinters()
    machine = llvm.Target.from_triple(triple).create_target_machine(cpu=cpu, opt=2)
    parsed = optimised(module(Kernel(structure), method, width), machine)
    return str(machine.emit_assembly(parsed))
