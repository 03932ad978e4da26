"""Two tools that every binding equilibrium of this floor needs: the exact quadratic and a safe root.

    A + B <-> A:B        complex_of(A, B, Kd)
    f(x) = 0, f rising   rising_root(f, lower, upper)

Both work elementwise on arrays and lose no digits when the complex is small or the partners are nearly used
up.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

import numpy as np
from numpy.typing import ArrayLike, NDArray

Floats = NDArray[np.float64]
"""What the closed forms return: float64, shaped like the broadcast arguments."""

EPS = float(np.finfo(np.float64).eps)


def floats(x: ArrayLike) -> Floats:
    """The argument as float64, unchanged in shape."""
    return np.asarray(x, dtype=np.float64)


def complex_of(A: ArrayLike, B: ArrayLike, Kd: ArrayLike) -> Floats:
    """Concentration of the complex A:B at equilibrium, with both partners depleted.

    `A`, `B` are total concentrations and `Kd` the dissociation constant, all in one unit; they broadcast.
    `Kd` may be infinite (no complex). The smaller root of the quadratic, written without the subtraction that
    would cancel: AB / (h + sqrt(h^2 - AB)) with h = (A + B + Kd) / 2.

    >>> round(float(complex_of(1, 1, 2)), 6)
    0.267949
    """
    A, B, Kd = floats(A), floats(B), floats(Kd)
    with np.errstate(invalid="ignore", divide="ignore"):
        half = (A + B + Kd) / 2
        root = np.sqrt(((A - B) / 2) ** 2 + Kd * (Kd / 2 + A + B) / 2)
        found = A * B / (half + root)
    return np.where(A * B > 0, found, np.zeros_like(found))[()]


def complex_text(A: str, B: str, Kd: str) -> str:
    """The same complex as text for a network: `A`, `B`, `Kd` are expressions (species in brackets)."""
    return f"({A}) * ({B}) / ({reach_text(A, B, Kd)})"


def reach_text(A: str, B: str, Kd: str) -> str:
    """What `complex_text` divides by; B over it is the share of A that is bound, defined at A = 0 too."""
    half = f"({A} + {B} + {Kd}) / 2"
    return f"{half} + sqrt((({A} - ({B})) / 2)^2 + ({Kd}) * (({Kd}) / 2 + {A} + {B}) / 2)"


def sum_text(species: Iterable[str]) -> str:
    """The summed concentration of several species as text.

    >>> sum_text(["A", "A:B"])
    '([A] + [A:B])'
    """
    return "(" + " + ".join(f"[{name}]" for name in species) + ")"


def rising_root(
    function: Callable[[Floats], Floats], lower: ArrayLike, upper: ArrayLike, tolerance: float = 2 * EPS
) -> Floats:
    """Where a rising function crosses zero between `lower` and `upper`, elementwise.

    Chandrupatla's method (1997): inverse quadratic interpolation where three points allow it, else halving, so
    the search ends for every element. Stops when the bracket is narrower than `tolerance` times |x|. Where the
    function does not change sign, the nearer end comes back: the caller knows what its ends mean. NaN in, NaN out.

    >>> round(float(rising_root(lambda x: x**2 - 2, 0, 2)), 12)
    1.414213562373
    """
    near, far = (x.copy() for x in np.broadcast_arrays(floats(upper), floats(lower)))
    f_near, f_far = function(near), function(far)
    outside = np.where(f_near <= 0, near, np.where(f_far >= 0, far, near + far + f_near + f_far))
    searching = (f_near > 0) & (f_far < 0)
    inside = searching.copy()
    step = np.full(near.shape, 1 / 2)
    while searching.any():
        x = np.where(searching, near + step * (far - near), near)
        value = function(x)
        same = np.sign(value) == np.sign(f_near)
        last, f_last = np.where(same, near, far), np.where(same, f_near, f_far)
        far, f_far = np.where(same, far, near), np.where(same, f_far, f_near)
        near, f_near = x, value
        width = np.abs(far - near)
        least = tolerance * np.abs(np.where(np.abs(f_far) < np.abs(f_near), far, near))
        searching = searching & (value != 0) & (width > least) & (near != (near + far) / 2) & (far != (near + far) / 2)
        with np.errstate(all="ignore"):
            place, height = (near - far) / (last - far), (f_near - f_far) / (f_last - f_far)
            smooth = (height**2 < place) & ((1 - height) ** 2 < 1 - place)
            guess = f_near / (f_far - f_near) * f_last / (f_far - f_last)
            guess += (last - near) / (far - near) * f_near / (f_last - f_near) * f_far / (f_last - f_far)
            margin = np.minimum(least / width, 1 / 2) / 2
        step = np.where(smooth & np.isfinite(guess), np.clip(guess, margin, 1 - margin), 1 / 2)
    best = np.where(np.abs(f_far) < np.abs(f_near), far, near)
    return np.where(inside, best, outside)[()]
