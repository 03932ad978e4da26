"""How blood and marrow are counted: cells per litre of blood, in the unit of the laboratory.

Stages of the marrow are counted per litre of blood too, as published: what leaves one stage enters the next undiluted,
so all stages share one volume, whatever the volume of the place they stand in.
"""

COUNT = "1e9/L"
"""Unit of a blood count."""

LITRE = "1"
"""Volume (L) in which every stage is counted."""
