"""One tumour cell, one T cell, one NK cell: what is added, that it stands still, who reads whose loss."""

import pytest

from cereblon.ground.errors import InputError
from cereblon.ground.vocabulary import check_address
from cereblon.mechanism.fate import ROADS
from cereblon.mechanism.pathway import NK_cell, T_cell, lymphocyte, silenced_cell, steroid, tumour_cell

IKZF = ("IKZF1", "IKZF3")
GLUE = ("mezigdomide",)


def every_cell():
    return {
        "tumour": tumour_cell(GLUE, IKZF, 2, 2),
        "T_cell": T_cell(GLUE, IKZF, 2),
        "NK_cell": NK_cell(GLUE, IKZF, 2),
        "blood": lymphocyte(GLUE, IKZF, 2),
    }


def test_every_word_is_in_the_vocabulary():
    for net in (*every_cell().values(), silenced_cell(2), steroid()):
        for name in (*net.parameters, *net.derived, *net.species, *net.observables):
            check_address(name)


def test_cells_stand_beside_each_other_without_sharing_anything_but_the_glue():
    cells = every_cell()
    together = cells["tumour"].at("tumour") + cells["T_cell"].at("T_cell") + cells["NK_cell"].at("NK_cell")
    assert {"MYC@tumour", "IL2@T_cell", "NK*@NK_cell", "IKZF1@NK_cell"} <= set(together.species)
    shared = {name for name in together.parameters if "@" not in name}
    assert {name.partition(".")[0] for name in shared} == {"mezigdomide", "cell"}


def test_lymphocytes_share_one_ligase():
    apart = len(T_cell(GLUE, IKZF, 4).species) + len(NK_cell(GLUE, IKZF, 4).species)
    assert len(lymphocyte(GLUE, IKZF, 4).species) < 0.6 * apart
    assert {"IL2", "T", "NK*"} <= set(lymphocyte(GLUE, IKZF, 4).species)


def test_a_marrow_that_counts_its_clones_itself_takes_the_signals_alone():
    signals, population = (tumour_cell(GLUE, IKZF, 2, 3, population=name) for name in (None, "cell"))
    assert {f"{road}~transit3" for road in ROADS} <= set(signals.species)
    assert not [name for name in signals.species if name.startswith("cell")]
    assert "doubling_time" not in signals.parameters
    assert set(signals.species) < set(population.species)


def test_what_the_glue_does_not_recruit_is_not_read():
    alone = tumour_cell(GLUE, ["IKZF3", "ZFP91"], 2, 2)
    assert "IKZF1.total" not in alone.parameters
    assert "ZFP91.remaining" in alone.observables
    with pytest.raises(InputError):
        tumour_cell(GLUE, ["ZFP91"], 2, 2)
