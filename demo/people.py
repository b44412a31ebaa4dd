"""The officials of the demo county: invented, always the same, and with numbers that belong to nobody."""

from __future__ import annotations

import random
from dataclasses import dataclass, replace
from datetime import date

UNITS = (
    "县委办公室",
    "县政府办公室",
    "县发展和改革局",
    "县教育局",
    "县财政局",
    "县自然资源局",
    "县交通运输局",
    "县水利局",
    "县卫生健康局",
    "清泉镇",
    "柳河乡",
    "东岭乡",
)
PER_UNIT = 10
SURNAMES = "王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗"
GIVEN = "安北川丹峰冠浩吉佳锦可岚琳明宁沛清然山书涛文溪晓雪彦一泽真舟"
EDUCATION = ("大学专科", "大学本科", "大学本科", "大学本科", "硕士研究生")


@dataclass(frozen=True, slots=True, kw_only=True)
class Official:
    """One line of a roster."""

    number: str  # 工作证号, five digits with leading zeros
    name: str
    sex: str  # 男 or 女
    born_on: date
    work_since: date
    party_since: date | None
    unit: str
    post: str
    is_leader: bool
    rank: str
    appointed_on: date
    level_since: date
    education: str
    identity: str = "公务员"


def officials() -> list[Official]:
    """All 120 of them: in each unit one head, two deputies and seven others."""
    chance = random.Random(2009)  # noqa: S311  # invented people need no secrecy
    people = []
    for place, unit in enumerate(UNITS):
        for seat in range(PER_UNIT):
            people.append(_official(chance, place * PER_UNIT + seat + 1, unit, seat))
    return people


def cast(run: int) -> dict[str, Official]:
    """Four more who play the story, new ones for each `run` so that it can be played again."""
    chance = random.Random(run)  # noqa: S311
    parts = {
        "leader": ("县水利局", "副局长", True, "四级调研员"),
        "official": ("县教育局", "科员", False, "一级科员"),
        "promoted": ("县财政局", "副局长", True, "一级主任科员"),
        "colleague": ("县水利局", "科员", False, "三级主任科员"),
    }
    return {
        part: replace(
            _official(chance, 10_000 + (run % 20_000) * 4 + place, unit, 9),
            post=unit + post,
            is_leader=leads,
            rank=rank,
        )
        for place, (part, (unit, post, leads, rank)) in enumerate(parts.items())
    }


def _official(chance: random.Random, number: int, unit: str, seat: int) -> Official:
    born_on = date(chance.randint(1968, 1995) - (6 if seat < 3 else 0), chance.randint(1, 12), 1)
    work_since = date(born_on.year + chance.randint(21, 24), 7, 1)
    appointed_on = date(chance.randint(2018, 2024), chance.randint(1, 12), chance.randint(1, 28))
    post, rank = _seat(unit, seat, chance)
    return Official(
        number=f"{number:05}",
        name=chance.choice(SURNAMES) + "".join(chance.sample(GIVEN, chance.choice((1, 2, 2)))),
        sex=chance.choice("男男女"),
        born_on=born_on,
        work_since=work_since,
        party_since=date(work_since.year + chance.randint(1, 5), 7, 1) if chance.random() < 0.8 else None,
        unit=unit,
        post=unit + post,
        is_leader=seat < 3,
        rank=rank,
        appointed_on=appointed_on,
        level_since=date(appointed_on.year - chance.randint(0, 3), appointed_on.month, 1),
        education=chance.choice(EDUCATION),
    )


def _seat(unit: str, seat: int, chance: random.Random) -> tuple[str, str]:
    head = {"局": "局长", "镇": "镇长", "乡": "乡长"}.get(unit[-1], "主任")
    if seat < 3:
        return (head, "四级调研员") if seat == 0 else ("副" + head, "一级主任科员")
    return "科员", chance.choice(("二级主任科员", "三级主任科员", "四级主任科员", "一级科员"))
