"""Law 1: equations without numbers. Only 0, 1, 2 and indices may stand in a mechanism file."""

import ast
import io
import re
import tokenize
from pathlib import Path

import pytest

import cereblon.mechanism

FILES = sorted(Path(cereblon.mechanism.__file__).parent.rglob("*.py"))
ALLOWED = {0, 1, 2}
UNITS = {"1e9/L"}  # a word of the closed list of units, which happens to hold digits
# A number that stands alone inside a reaction or an expression; digits of a name (V2_F, IL2, 26S) are not
# numbers.
NUMBER = re.compile(r"(?<![\w.~])\d+(?:\.\d*)?(?:[eE][-+]?\d+)?(?![\w])|(?<![\w.])\.\d+")


def numbers_in_code(source: str) -> list[str]:
    tokens = tokenize.generate_tokens(io.StringIO(source).readline)
    return [t.string for t in tokens if t.type == tokenize.NUMBER and ast.literal_eval(t.string) not in ALLOWED]


def numbers_in_text(source: str) -> list[str]:
    tree = ast.parse(source)
    silent = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}  # documentation
    for node in ast.walk(tree):
        if isinstance(node, ast.FormattedValue) and node.format_spec:  # how a number is printed
            silent |= {id(inner) for inner in ast.walk(node.format_spec)}
    texts = [
        node.value
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in silent
    ]
    return [n for text in texts if text not in UNITS for n in NUMBER.findall(text) if float(n) not in ALLOWED]


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_mechanism_file_holds_no_number(file):
    source = file.read_text(encoding="utf-8")
    assert numbers_in_code(source) == []
    assert numbers_in_text(source) == []


def test_the_reader_of_numbers_sees_what_it_must():
    assert numbers_in_code("x = 3 * y[2] + 0.5") == ["3", "0.5"]
    assert numbers_in_text("rate('0.7 * k + V2_F + 1')") == ["0.7"]
    assert numbers_in_text("rate('k*0.7 + [CRBN*]*3')") == ["0.7", "3"]
    assert numbers_in_text('"""doc 7"""') == []
    assert numbers_in_text("unit = '1e9/L'") == []
    assert numbers_in_text("rate = '1e9 * k'") == ["1e9"]
