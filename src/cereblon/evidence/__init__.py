"""Where the model meets the world: evidence, calibration, claims, and the route of a number.

`cb.evidence.table()` sets every reported number beside the simulated one.
"""

from cereblon.evidence.compare import Comparison, Evidence, compare, table
from cereblon.evidence.rows import Row, evidence_rows

__all__ = ["Comparison", "Evidence", "Row", "compare", "evidence_rows", "table"]
