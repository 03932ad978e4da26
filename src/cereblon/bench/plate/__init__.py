"""Plates: layout, measurement with noise, readings, and what is read from them."""

from cereblon.bench.plate.decays import Decays
from cereblon.bench.plate.examples import Example, example, examples
from cereblon.bench.plate.fits import Fits
from cereblon.bench.plate.growth import Growth
from cereblon.bench.plate.layout import Layout, Treatment, layout, matrix, serial, series
from cereblon.bench.plate.noise import measure
from cereblon.bench.plate.quality import PlateQuality, Quality, quality
from cereblon.bench.plate.reader import read
from cereblon.bench.plate.readings import BLANK, POSITIVE, SAMPLE, UNTREATED, Readings

__all__ = [
    "BLANK",
    "Decays",
    "Example",
    "Fits",
    "Growth",
    "Layout",
    "POSITIVE",
    "PlateQuality",
    "Quality",
    "Readings",
    "SAMPLE",
    "Treatment",
    "UNTREATED",
    "example",
    "examples",
    "layout",
    "matrix",
    "measure",
    "quality",
    "read",
    "serial",
    "series",
]
