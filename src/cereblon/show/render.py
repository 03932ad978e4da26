"""Charts to SVG and PNG, and the one bundle of scripts that a page carries; vl-convert, no browser."""

from __future__ import annotations

import json
from typing import Any

SNIPPET = "window.vegaEmbed = vegaEmbed;"


def spec(chart: Any, *, validate: bool = True) -> dict[str, Any]:
    """The Vega-Lite specification of a chart, checked against altair's schema, which takes longer than to write it."""
    return dict(chart.to_dict(format="vega-lite", validate=validate))


def vega_lite_version() -> str:
    """The version of Vega-Lite for which altair writes, as vl-convert names it."""
    import altair

    return ".".join(str(altair.SCHEMA_VERSION).split(".")[:2])


def svg(chart_spec: dict[str, Any]) -> str:
    """The figure as SVG."""
    import vl_convert

    return str(vl_convert.vegalite_to_svg(json.dumps(chart_spec), vl_version=vega_lite_version()))


def png(svg_text: str, scale: float = 2.0) -> bytes:
    """The same figure as PNG; twice the pixels, for print and for sharp screens."""
    import vl_convert

    return bytes(vl_convert.svg_to_png(svg_text, scale=scale))


def bundle() -> str:
    """vega, vega-lite and vega-embed as one script that sets `window.vegaEmbed`."""
    import vl_convert

    return str(vl_convert.javascript_bundle(SNIPPET, vl_version=vega_lite_version()))
