"""The styles of an OpenDocument text: the names LibreOffice knows, so they can be restyled there. Pure."""

from __future__ import annotations

MEDIA_TYPE = "application/vnd.oasis.opendocument.text"
_OASIS = "urn:oasis:names:tc:opendocument:xmlns"
NAMESPACES = " ".join(
    f'xmlns:{prefix}="{address}"'
    for prefix, address in {
        **{name: f"{_OASIS}:{name}:1.0" for name in ("office", "style", "text", "table", "meta")},
        "draw": f"{_OASIS}:drawing:1.0",
        "fo": f"{_OASIS}:xsl-fo-compatible:1.0",
        "svg": f"{_OASIS}:svg-compatible:1.0",
        "xlink": "http://www.w3.org/1999/xlink",
        "dc": "http://purl.org/dc/elements/1.1/",
    }.items()
)
_COUNTRIES = {"zh": "CN", "ja": "JP", "ko": "KR"}
_HEADING_POINTS = (20, 16, 14, 12, 11, 11)
_LEVELS = 10
_QUOTE_DEPTHS = 6


def styles_xml(language: str) -> str:
    """All named styles and the page. The fonts are the program's own choice, which suits its languages."""
    country = _COUNTRIES.get(language)
    asian = f'style:language-asian="{language}" style:country-asian="{country}"' if country else ""
    return (
        f'<?xml version="1.0" encoding="UTF-8"?>\n<office:document-styles {NAMESPACES} office:version="1.3">'
        f'<office:styles><style:default-style style:family="paragraph">'
        f'<style:text-properties fo:font-size="12pt" {asian}/></style:default-style>'
        + "".join(_named())
        + "</office:styles><office:automatic-styles>"
        '<style:page-layout style:name="Page"><style:page-layout-properties fo:page-width="210mm" '
        'fo:page-height="297mm" fo:margin="25mm"/></style:page-layout></office:automatic-styles>'
        '<office:master-styles><style:master-page style:name="Standard" style:page-layout-name="Page"/>'
        "</office:master-styles></office:document-styles>"
    )


def _named() -> list[str]:
    mono = '<style:text-properties fo:font-family="monospace" fo:font-size="10pt"/>'
    styles = [
        _paragraph("Standard", ""),
        _paragraph("Text_20_body", 'fo:margin-bottom="2.5mm" fo:line-height="130%"', parent="Standard"),
        _paragraph("Quotations", 'fo:margin-left="10mm" fo:margin-right="10mm" fo:margin-bottom="2.5mm"',
                   parent="Standard"),
        _paragraph("Preformatted_20_Text", 'fo:margin-left="5mm"', parent="Standard", text=mono),
        '<style:style style:name="Source_20_Text" style:display-name="Source Text" style:family="text">'
        f"{mono}</style:style>",
    ]  # fmt: skip
    styles += [
        _paragraph(
            f"Heading_20_{level}", 'fo:margin-top="5mm" fo:margin-bottom="2.5mm" fo:keep-with-next="always"',
            parent="Standard", outline=level, text=f'<style:text-properties fo:font-size="{points}pt" '
            'fo:font-weight="bold" style:font-weight-asian="bold"/>',
        )
        for level, points in enumerate(_HEADING_POINTS, 1)
    ]  # fmt: skip
    return styles


def _paragraph(name: str, looks: str, *, parent: str = "", outline: int = 0, text: str = "") -> str:
    shown = name.replace("_20_", " ")
    above = f' style:parent-style-name="{parent}"' if parent else ""
    level = f' style:default-outline-level="{outline}"' if outline else ""
    return (
        f'<style:style style:name="{name}" style:display-name="{shown}" '
        f'style:family="paragraph"{above}{level}>'
        f"<style:paragraph-properties {looks}/>{text}</style:style>"
    )


def automatic_styles() -> str:
    """What the content's elements name and nobody would restyle."""
    bold = '<style:text-properties fo:font-weight="bold" style:font-weight-asian="bold"/>'
    spans = {
        "Emphasis": 'fo:font-style="italic" style:font-style-asian="italic"',
        "Strong": 'fo:font-weight="bold" style:font-weight-asian="bold"',
        "Struck": 'style:text-line-through-style="solid"',
        "Underlined": 'style:text-underline-style="solid"',
        "Subscript": 'style:text-position="sub 58%"',
        "Superscript": 'style:text-position="super 58%"',
    }
    made = "".join(
        f'<style:style style:name="{name}" style:family="text"><style:text-properties {looks}/></style:style>'
        for name, looks in spans.items()
    )
    for alignment, looks in (("", ""), ("Left", "left"), ("Center", "center"), ("Right", "right")):
        aligned = f'fo:text-align="{looks}"' if looks else ""
        for name, text in ((f"Cell{alignment}", ""), (f"Head{alignment}", bold)):
            made += _automatic(name, aligned, "Standard", text)
    made += _automatic("SceneBreak", 'fo:text-align="center" fo:margin-bottom="2.5mm"', "Standard")
    for depth in range(2, _QUOTE_DEPTHS + 1):
        made += _automatic(f"Quote{depth}", f'fo:margin-left="{10 * depth}mm"', "Quotations")
    made += _automatic("ListTight", 'fo:margin-bottom="0mm"', "Standard")
    made += _automatic("DisclosureHeading", 'fo:break-before="page"', "Heading_20_2")
    made += (
        '<style:style style:name="Cell" style:family="table-cell">'
        '<style:table-cell-properties fo:border="0.5pt solid #999999" fo:padding="1mm"/></style:style>'
    )
    lists = _list("BulletList") + _list("NumberList")
    return f"<office:automatic-styles>{made}{lists}</office:automatic-styles>"


def _automatic(name: str, looks: str, parent: str, text: str = "") -> str:
    return (
        f'<style:style style:name="{name}" style:family="paragraph" style:parent-style-name="{parent}">'
        f"<style:paragraph-properties {looks}/>{text}</style:style>"
    )


def quote_style(around: str) -> str:
    """The style of a quote within a paragraph style: further in, if that is a quote's."""
    if around == "Quotations":
        return "Quote2"
    if around.startswith("Quote"):
        return f"Quote{min(_QUOTE_DEPTHS, int(around[5:]) + 1)}"
    return "Quotations"


def _list(name: str) -> str:
    levels = ""
    for level in range(1, _LEVELS + 1):
        place = (
            '<style:list-level-properties text:list-level-position-and-space-mode="label-alignment">'
            '<style:list-level-label-alignment text:label-followed-by="listtab" '
            f'fo:margin-left="{7.5 * level}mm" fo:text-indent="-6mm"/></style:list-level-properties>'
        )
        if name == "BulletList":
            sign = "•◦▪"[(level - 1) % 3]
            levels += (
                f'<text:list-level-style-bullet text:level="{level}" text:bullet-char="{sign}">'
                f"{place}</text:list-level-style-bullet>"
            )
        else:
            levels += (
                f'<text:list-level-style-number text:level="{level}" style:num-format="1" '
                f'style:num-suffix=".">{place}</text:list-level-style-number>'
            )
    return f'<text:list-style style:name="{name}">{levels}</text:list-style>'
