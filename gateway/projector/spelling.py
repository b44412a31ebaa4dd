"""How a name is typed by somebody who searches: its characters, full pinyin, or pinyin initials."""

from __future__ import annotations

import os
from itertools import islice, product

# Names are no phrases: without the phrase table pypinyin takes 12 MB instead of 56 and loads in 40 ms
# instead of 160, and every character keeps all its readings.
os.environ.setdefault("PYPINYIN_NO_PHRASES", "true")

from pypinyin import Style, lazy_pinyin, pinyin

MOST_READINGS = 12  # of one name; 单 has three and 曾 two, and names with several of them stay bounded


def sorting_key(name: str) -> str:
    """Full pinyin in its usual reading, for the order of lists: 张三 is `zhang san`."""
    return " ".join(lazy_pinyin(list(name))).lower()[:200]


def spellings(name: str) -> str:
    """Every way to type the name, each after a blank, so that `% zs%` finds a beginning: ` zhangsan zs`."""
    readings = pinyin(list(name), style=Style.NORMAL, heteronym=True)
    ways: dict[str, None] = {}
    for reading in islice(product(*readings), MOST_READINGS):
        ways["".join(reading).lower()] = None
        ways["".join(one[0] for one in reading if one).lower()] = None
    return "".join(f" {typed(way)}" for way in ways if typed(way))[:400]


def typed(query: str) -> str:
    """What was typed, as `spellings` writes it: lower case, without blanks and apostrophes (`Xi'an`)."""
    return "".join(query.lower().replace("'", "").replace("’", "").split())
