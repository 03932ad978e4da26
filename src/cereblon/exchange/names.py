"""Addresses as identifiers: an SId of SBML holds letters, digits and `_` alone.

Every other character, and `_` itself, is written `_xHH_` with its code in hexadecimal, so two addresses never
share an identifier and each can be read back. A letter for the kind stands before it, because a species, a
parameter and a read-out may bear one name in a network.
"""

from __future__ import annotations

import re

_PLAIN = re.compile(r"[^A-Za-z0-9]")
_ESCAPED = re.compile(r"_x([0-9A-F]+)_")


def escape(address: str) -> str:
    """The address in letters, digits and `_`; different addresses give different results.

    >>> escape("CRBN*:mezigdomide@tumour")
    'CRBN_x2A__x3A_mezigdomide_x40_tumour'
    """
    return _PLAIN.sub(lambda match: f"_x{ord(match[0]):X}_", address)


def unescape(text: str) -> str:
    """The address that `escape` turned into `text`.

    >>> unescape("k_x5F_on")
    'k_on'
    """
    return _ESCAPED.sub(lambda match: chr(int(match[1], 16)), text)


def sid(kind: str, address: str) -> str:
    """The identifier of a thing: `s` species, `p` parameter or derived, `o` read-out, `c` compartment.

    >>> sid("p", "CL_F")
    'p_CL_x5F_F'
    """
    return f"{kind}_{escape(address)}"
