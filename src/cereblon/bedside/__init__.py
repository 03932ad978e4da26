"""The bedside: designs of phases 1 to 3 and what can be expected; responses, grades and endpoints of a trial."""

from cereblon.bedside.designs import design
from cereblon.bedside.escalation.course import Course, escalate
from cereblon.bedside.escalation.pathways import Pathways, pathways
from cereblon.bedside.escalation.skeleton import skeleton
from cereblon.bedside.operating import Operating, operating

__all__ = [
    "Course",
    "Operating",
    "Pathways",
    "design",
    "escalate",
    "operating",
    "pathways",
    "skeleton",
]
