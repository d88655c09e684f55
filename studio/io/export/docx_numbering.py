"""Word's lists: one kind with bullets, one with numbers, and each counted list begins anew. I/O thread.

Source: ECMA-376 part 1, section 17.9. An abstract numbering says how a list looks; a `w:num` is one list
that counts.
"""

from __future__ import annotations

from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.oxml.xmlchemy import BaseOxmlElement

_BULLETS = "•◦▪"
TWIPS_A_LEVEL = 425
"""7.5 mm in twentieths of a point."""
_HANGING_TWIPS = 360


class Numbering:
    """Adds lists to a document's numbering part."""

    LEVELS = 9

    def __init__(self, element: BaseOxmlElement) -> None:
        self._element = element
        self._bullets = self._kind(bullets=True)
        self._numbers = self._kind(bullets=False)
        self._bullet_list: int | None = None

    def bullets(self) -> int:
        """The list all bullets belong to: they count nothing."""
        if self._bullet_list is None:
            self._bullet_list = self._list(self._bullets)
        return self._bullet_list

    def counted(self, level: int, start: int) -> int:
        """A new list that begins with `start` at a level, 0 to 8."""
        return self._list(self._numbers, (level, start))

    def properties(self, number: int, level: int, depth: int, *, tight: bool) -> str:
        """What makes a paragraph an item of a list, in WordprocessingML.

        Args:
            depth: How far the list is indented by what is around it.
            tight: Whether there is no space to the next item; Word's word for that is contextual.
        """
        indent = (
            f'<w:ind w:left="{TWIPS_A_LEVEL * (depth + level + 1)}" w:hanging="{_HANGING_TWIPS}"/>'
            if depth
            else ""
        )
        return (
            f'<w:numPr><w:ilvl w:val="{level}"/><w:numId w:val="{number}"/></w:numPr>{indent}'
            f'<w:contextualSpacing w:val="{int(tight)}"/>'
        )

    def _kind(self, *, bullets: bool) -> int:
        known = self._element.findall(qn("w:abstractNum"))
        identity = 1 + max((int(a.get(qn("w:abstractNumId"))) for a in known), default=-1)
        kind = _made("w:abstractNum", abstractNumId=str(identity))
        kind.append(_made("w:multiLevelType", val="hybridMultilevel"))
        for level in range(self.LEVELS):
            one = _made("w:lvl", ilvl=str(level))
            one.append(_made("w:start", val="1"))
            one.append(_made("w:numFmt", val="bullet" if bullets else "decimal"))
            sign = _BULLETS[level % len(_BULLETS)] if bullets else f"%{level + 1}."
            one.append(_made("w:lvlText", val=sign))
            one.append(_made("w:lvlJc", val="left"))
            properties = _made("w:pPr")
            left = str(TWIPS_A_LEVEL * (level + 1))
            properties.append(_made("w:ind", left=left, hanging=str(_HANGING_TWIPS)))
            one.append(properties)
            kind.append(one)
        # The standard wants every kind before the first list.
        first = self._element.find(qn("w:num"))
        if first is None:
            self._element.append(kind)
        else:
            first.addprevious(kind)
        return identity

    def _list(self, kind: int, start: tuple[int, int] | None = None) -> int:
        known = self._element.findall(qn("w:num"))
        identity = 1 + max((int(a.get(qn("w:numId"))) for a in known), default=0)
        made = _made("w:num", numId=str(identity))
        made.append(_made("w:abstractNumId", val=str(kind)))
        if start is not None:
            override = _made("w:lvlOverride", ilvl=str(start[0]))
            override.append(_made("w:startOverride", val=str(start[1])))
            made.append(override)
        self._element.append(made)
        return identity


def _made(tag: str, **attributes: str) -> BaseOxmlElement:
    element = OxmlElement(tag)
    for name, value in attributes.items():
        element.set(qn(f"w:{name}"), value)
    return element
