"""The page: one file that opens from disk and asks the network for nothing, with its figures and tables beside it.

    out/mezigdomide/index.html    the page         figures/*.svg *.png    tables/*.csv

Everything is built in a folder beside the target and moved there when it is whole: a run that fails or is
stopped leaves what was there before.
"""

from __future__ import annotations

import base64
import html
import json
import os
import re
import shutil
import tempfile
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from cereblon import __version__
from cereblon.ground.errors import InputError
from cereblon.ground.files import inside
from cereblon.show import render
from cereblon.show.sections.section import Figure, Listing, Section

_PAGE = Path(__file__).parent / "page"
OURS = {"index.html", "figures", "tables"}
Progress = Callable[[str], None]


def write_page(
    out: Path, name: str, heading: str, lead: str, sections: Sequence[Section], progress: Progress = lambda what: None
) -> Path:
    """Write the page of `sections` into out/name and return the path of its index.html.

    `progress` is told what is being drawn. Raises InputError when the folder cannot be written to, lies
    elsewhere, or holds what this program did not write.
    """
    target = inside(out, name)
    if target == out.resolve():
        raise InputError("a page needs a folder of its own", where=str(out), found=name)
    check_target(target)
    try:
        out.mkdir(parents=True, exist_ok=True)
        building = Path(tempfile.mkdtemp(dir=out, prefix=f".{name}."))
    except OSError as error:
        raise InputError("cannot write into this folder", where=str(out), found=error.strerror or str(error)) from None
    try:
        _fill(building, heading, lead, sections, progress)
        umask = os.umask(0)
        os.umask(umask)
        building.chmod(0o777 & ~umask)
        _swap(building, target)
    finally:
        shutil.rmtree(building, ignore_errors=True)
    return target / "index.html"


def check_target(target: Path) -> None:
    """InputError when the folder cannot be written to, or holds files that a page would not replace."""
    try:
        there = target.exists()
        above = next(p for p in (target, *target.parents) if p.exists())
    except OSError as error:  # a name that is too long, a loop of links
        raise InputError("cannot write into this folder", where=str(target), found=error.strerror or "") from None
    if not above.is_dir() and above != target:
        raise InputError("a file stands where a folder should be", where=str(above), expected="another --out")
    if not os.access(above, os.W_OK | os.X_OK):
        raise InputError("cannot write into this folder", where=str(above), expected="another --out")
    if not there:
        return
    if not target.is_dir():
        raise InputError("a file stands where the page should go", where=str(target), expected="another --out")
    strange = sorted(p.name for p in target.iterdir() if p.name not in OURS)
    if strange:
        raise InputError(
            "this folder holds files that are not of a page, and they would be lost",
            where=str(target), found=", ".join(strange[:5]), expected="another --out", example="--out results",
        )  # fmt: skip


def _swap(building: Path, target: Path) -> None:
    """Put the new folder in the place of the old one; the old one stays until the new one stands."""
    if not target.exists():
        os.replace(building, target)
        return
    aside = Path(tempfile.mkdtemp(dir=target.parent, prefix=f".{target.name}.old."))
    os.replace(target, aside / "page")
    try:
        os.replace(building, target)
    except BaseException:
        os.replace(aside / "page", target)
        raise
    finally:
        shutil.rmtree(aside, ignore_errors=True)


def _fill(folder: Path, heading: str, lead: str, sections: Sequence[Section], progress: Progress) -> None:
    (folder / "figures").mkdir()
    (folder / "tables").mkdir()
    specs: dict[str, str] = {}
    bodies = []
    for section in sections:
        parts = []
        for part in section.parts:
            if isinstance(part, Figure):
                progress(part.title)
                parts.append(_figure(folder, part, specs))
            else:
                parts.append(_listing(folder, part))
        bodies.append(_section(section, parts))
    progress("the page")
    page = (_PAGE / "page.html").read_text(encoding="utf-8")
    scripts = "\n".join(f'<script type="application/json" id="{key}">{text}</script>' for key, text in specs.items())
    filled = {
        "version": __version__,
        "title": html.escape(f"{heading} · cereblon"),
        "heading": html.escape(heading),
        "lead": html.escape(lead),
        "contents": "\n".join(f'<li><a href="#{s.key}">{html.escape(s.title)}</a></li>' for s in sections),
        "sections": "\n".join(bodies),
        "made": f"Made by cereblon {__version__}. Every figure is also in <code>figures/</code> as SVG and PNG, "
        "every table in "
        "<code>tables/</code> as CSV.",
        "style": (_PAGE / "style.css").read_text(encoding="utf-8"),
        "script": (_PAGE / "page.js").read_text(encoding="utf-8"),
        "specs": scripts,
        "bundle": render.bundle().replace("</script", "<\\/script"),
    }
    (folder / "index.html").write_text(fill(page, filled), encoding="utf-8")


def fill(template: str, values: Mapping[str, str]) -> str:
    """The template with each {{name}} replaced once, by a text that is not read again.

    >>> fill("<p>{{a}} {{b}}</p>", {"a": "{{b}}", "b": "1"})
    '<p>{{b}} 1</p>'
    """
    pieces = template.split("{{")
    out = [pieces[0]]
    for piece in pieces[1:]:
        key, _, rest = piece.partition("}}")
        out += [values[key], rest]
    return "".join(out)


def _section(section: Section, parts: Iterable[str]) -> str:
    words = "\n".join(f"<p>{_marked(words)}</p>" for words in section.words)
    return f'<section id="{section.key}">\n<h2>{html.escape(section.title)}</h2>\n{words}\n{"".join(parts)}</section>'


def _marked(words: str) -> str:
    """Plain text as HTML; `*so*` is emphasised and a text between backticks set as code."""
    text = html.escape(words)
    text = re.sub(r"(?<!\w)\*([^*]+)\*(?!\w)", r"<em>\1</em>", text)
    return re.sub(r"`([^`]+)`", r"<code>\1</code>", text)


def _figure(folder: Path, figure: Figure, specs: dict[str, str]) -> str:
    spec = render.spec(figure.chart, validate=False)  # a page has dozens; each is checked where it is tested
    svg = render.svg(spec)
    (folder / "figures" / f"{figure.key}.svg").write_text(svg, encoding="utf-8")
    (folder / "figures" / f"{figure.key}.png").write_bytes(render.png(svg))
    figure.table.to_csv(folder / "tables" / f"{figure.key}.csv", index=False, float_format="%.6g")
    key = f"spec-{figure.key}"
    specs[key] = as_script({k: v for k, v in spec.items() if k != "$schema"})
    picture = base64.b64encode(svg.encode()).decode()
    said = html.escape(figure.said, quote=True)
    return (
        f'<figure id="{figure.key}">\n<h3>{html.escape(figure.title)}</h3>\n'
        f'<div class="chart" data-spec="{key}" data-said="{said}"><img alt="{said}" '
        f'src="data:image/svg+xml;base64,{picture}"></div>\n'
        f'<figcaption>{html.escape(figure.caption)} <span class="files">Files: {figure.key} (svg, png, '
        "csv).</span></figcaption>\n</figure>\n"
    )


def as_script(value: Any) -> str:
    """JSON that stands inside a script element: no text of it can close the element."""
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    return text.replace("<", "\\u003c").replace("\u2028", "\\u2028").replace("\u2029", "\\u2029")


LONG = 36  # characters from which a cell is given room


def _listing(folder: Path, listing: Listing) -> str:
    if listing.key:
        import pandas as pd

        frame = pd.DataFrame(list(listing.rows)).drop(columns=["_class"], errors="ignore")
        frame.to_csv(folder / "tables" / f"{listing.key}.csv", index=False)
    columns = list(dict.fromkeys(c for row in listing.rows for c in row if c != "_class"))
    head = "".join(f'<th scope="col">{html.escape(c)}</th>' for c in columns)
    body = "\n".join(
        "<tr>" + "".join(_cell(c, row.get(c, ""), row.get("_class", "")) for c in columns) + "</tr>"
        for row in listing.rows
    )
    caption = f"<caption>{html.escape(listing.title)}</caption>" if listing.title else ""
    note = f'<p class="note">{html.escape(listing.caption)}</p>' if listing.caption else ""
    table = f"<table>{caption}<thead><tr>{head}</tr></thead>\n<tbody>\n{body}\n</tbody></table>"
    return f'<div class="scroll">{table}</div>\n{note}\n'


def _cell(column: str, value: Any, kind: str) -> str:
    text = "" if value is None or value != value else str(value)
    inner = f"<code>{html.escape(text)}</code>" if column == "address" else html.escape(text)
    if column == "verdict":
        return f'<td class="{kind}">{inner}</td>'
    return f'<td class="long">{inner}</td>' if len(text) > LONG else f"<td>{inner}</td>"
