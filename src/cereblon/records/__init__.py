"""Records: numbers without equations. Compounds, cells, patients, dishes, assays, noise, hosts, designs."""

from cereblon.records.assay import Assay, assay, assays
from cereblon.records.cell import Cell, cell, cells
from cereblon.records.compound import Compound, Status, compound, compounds, partners
from cereblon.records.design import Design, design, designs
from cereblon.records.dish import Dish, dish, dishes
from cereblon.records.host import Host, host, hosts
from cereblon.records.noise import Noise, noise, noises
from cereblon.records.patient import Patient, patient, patients
from cereblon.records.record import Record
from cereblon.records.sources import Source, sources

__all__ = [
    "Assay",
    "Cell",
    "Compound",
    "Design",
    "Dish",
    "Host",
    "Noise",
    "Patient",
    "Record",
    "Source",
    "Status",
    "assay",
    "assays",
    "cell",
    "cells",
    "compound",
    "compounds",
    "design",
    "designs",
    "dish",
    "dishes",
    "host",
    "hosts",
    "noise",
    "noises",
    "partners",
    "patient",
    "patients",
    "sources",
]
