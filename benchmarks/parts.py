"""A script of parts: all of them, or those that are named on its command line, each with its title and its seconds."""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable, Mapping


def run(about: str | None, parts: Mapping[str, Callable[[], None]]) -> None:
    """Print the parts asked for."""
    parser = argparse.ArgumentParser(description=about, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("parts", nargs="*", help=", ".join(parts))
    chosen = parser.parse_args().parts or list(parts)
    if odd := set(chosen) - set(parts):
        parser.error(f"no such part: {', '.join(sorted(odd))}; there are {', '.join(parts)}")
    for name in chosen:
        begin = time.perf_counter()
        print(f"== {name}: {parts[name].__doc__}", flush=True)
        parts[name]()
        print(f"({time.perf_counter() - begin:.0f} s)\n", flush=True)
