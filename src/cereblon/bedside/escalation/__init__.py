"""Dose escalation: designs of phase 1, a file each; what to do next, and which dose is tolerated."""
