"""When two spellings mean the same unit, and how a name is kept."""

from __future__ import annotations

import re
import unicodedata

BETWEEN_HAN = re.compile(r"(?<=[\u3400-\u9fff])\s+(?=[\u3400-\u9fff])")


def unit_key(name: str) -> str:
    """What makes a unit's name the same: blanks, width and case do not.

    >>> unit_key("县委 组织部（本级）") == unit_key("县委组织部(本级)")
    True
    """
    return "".join(unicodedata.normalize("NFKC", name).casefold().split())


def plain_name(name: str) -> str:
    """A name without the blanks that set two characters as wide as three.

    >>> plain_name("张　三")
    '张三'
    """
    return BETWEEN_HAN.sub("", " ".join(name.split()))
