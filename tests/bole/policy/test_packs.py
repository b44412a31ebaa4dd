"""A pack that is wrong stops the start, loudly and by name."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from types import ModuleType

import pytest

from bole.policy.packs import PackBroken, load_pack
from bole.policy.policies import Answer, Policies, PolicyMissing
from bole.policy.questions import Question, WrongKind, declared
from bole.policy.sources import Source, rule, rule_source

DAYS = Question(name="toy.days", kind="days", unit="days", set_by="county", means="A term.")
SHARE = Question(name="toy.share", kind="share", unit="of all", set_by="nation", means="A share.")
QUESTIONS = {question.name: question for question in (DAYS, SHARE)}
NOTICE = '{title: Notice No. 3 (fictional), version: "2025", article: "4", mark: K}'


def written(folder: Path, head: str, **parameters: str) -> Path:
    (folder / "parameters").mkdir(parents=True)
    (folder / "pack.yaml").write_text(head, "utf-8")
    for name, text in parameters.items():
        (folder / "parameters" / f"{name}.yaml").write_text(text, "utf-8")
    return folder


def nation(folder: Path, **parameters: str) -> Path:
    return written(folder, 'name: nation\nlevel: nation\nversion: "1"\n', **parameters)


def county(folder: Path, **parameters: str) -> Path:
    return written(folder, 'name: guxian\nlevel: county\nversion: "1"\nabove: nation\n', **parameters)


def answering(question: str = "toy.days", *values: str) -> str:
    entries = values or (f"{{from: 2025-01-01, value: 5, source: {NOTICE}}}",)
    return f"question: {question}\nvalues:\n" + "".join(f"  - {entry}\n" for entry in entries)


def problems_of(folder: Path, name: str = "guxian") -> str:
    with pytest.raises(PackBroken) as broken:
        load_pack(folder, name, QUESTIONS)
    return broken.value.message


@pytest.mark.parametrize(
    ("text", "says"),
    [
        (answering("toy.weeks"), "answers a question nobody asks: 'toy.weeks'"),
        (answering("toy.days", f"{{from: 2025-01-01, value: five, source: {NOTICE}}}"), "whole number"),
        (answering("toy.days", f"{{from: 2025-01-01, value: -1, source: {NOTICE}}}"), "whole number"),
        (answering("toy.days", f"{{from: 2025-01-01, value: true, source: {NOTICE}}}"), "whole number"),
        (answering("toy.days", "{from: 2025-01-01, value: 5}"), "lacks source"),
        (
            answering("toy.days", "{from: 2025-01-01, value: 5, source: {title: T, version: V, article: A}}"),
            "lacks mark",
        ),
        (
            answering(
                "toy.days",
                "{from: 2025-01-01, value: 5, source: {title: T, version: V, article: A, mark: sure}}",
            ),
            "mark must be one of V, V2, V-old, V-local, K",
        ),
        (
            answering(
                "toy.days",
                "{from: 2025-01-01, value: 5, source: {title: '', version: V, article: A, mark: K}}",
            ),
            "empty title",
        ),
        (
            answering(
                "toy.days",
                f"{{from: 2025-01-01, value: 5, source: {NOTICE}}}",
                f"{{from: 2025-01-01, value: 6, source: {NOTICE}}}",
            ),
            "overlap: both begin on 2025-01-01",
        ),
        (
            answering(
                "toy.days",
                f"{{from: 2025-01-01, value: 5, source: {NOTICE}}}",
                f"{{from: 2024-01-01, value: 6, source: {NOTICE}}}",
            ),
            "ordered by day",
        ),
        (answering("toy.days", f"{{from: soon, value: 5, source: {NOTICE}}}"), "from must be a day"),
        (answering("toy.share"), "not for a county to answer, it is set by the nation"),
        ("question: toy.days\non: 5\n", "the key 'on' is read as a boolean"),
        ("question: toy.days\nquestion: toy.share\n", "written twice"),
        ("question: [toy.days\n", "is not YAML"),
        ("- toy.days\n", "must hold a mapping"),
        (answering() + "note: why\n", "unknown keys: note"),
        ("question: toy.days\nvalues: []\n", "values must be a list"),
    ],
)
def test_a_mistake_in_a_parameter_is_named_with_its_file(tmp_path, text, says):
    message = problems_of(county(tmp_path / "guxian", term=text))

    assert "guxian/parameters/term.yaml" in message
    assert says in message


def test_all_mistakes_of_a_pack_are_told_at_once(tmp_path):
    message = problems_of(county(tmp_path / "guxian", one="question: [", two=answering("toy.weeks")))

    assert "one.yaml" in message
    assert "two.yaml" in message


def test_a_question_answered_in_two_files_of_one_pack_is_refused(tmp_path):
    assert "another file" in problems_of(county(tmp_path / "guxian", one=answering(), two=answering()))


@pytest.mark.parametrize(
    ("head", "says"),
    [
        (
            'name: other\nlevel: county\nversion: "1"\nabove: nation\n',
            "is named 'other' but installed as 'guxian'",
        ),
        ('name: guxian\nlevel: village\nversion: "1"\nabove: nation\n', "level must be one of"),
        ('name: guxian\nlevel: county\nversion: "1"\n', "above must name the pack"),
        ("name: guxian\nlevel: county\n", "lacks version"),
    ],
)
def test_a_mistake_in_the_head_of_a_pack_is_named(tmp_path, head, says):
    assert says in problems_of(written(tmp_path / "guxian", head))


def test_a_pack_without_a_head_is_refused(tmp_path):
    assert "pack.yaml: is missing" in problems_of(tmp_path)


def test_two_packs_for_one_county_stop_the_start(tmp_path):
    packs = [
        load_pack(nation(tmp_path / "nation"), "nation", QUESTIONS),
        load_pack(county(tmp_path / "a"), "guxian", QUESTIONS),
        load_pack(county(tmp_path / "b"), "guxian", QUESTIONS),
    ]

    with pytest.raises(PackBroken, match="guxian: two packs are installed"):
        Policies(packs)


def test_a_pack_whose_upper_level_is_not_installed_stops_the_start(tmp_path):
    with pytest.raises(PackBroken, match="stands on the pack 'nation', which is not installed"):
        Policies([load_pack(county(tmp_path / "guxian"), "guxian", QUESTIONS)])


@pytest.fixture
def policies(tmp_path):
    old = f"{{from: 2020-01-01, value: 30, source: {NOTICE}}}"
    new = '{from: 2026-07-01, value: 20, source: {title: 公务员法, version: "2018", article: "95", mark: V}}'
    upper = nation(tmp_path / "nation", days=answering("toy.days", old, new))
    local = county(
        tmp_path / "guxian", days=answering("toy.days", f"{{from: 2026-01-01, value: 5, source: {NOTICE}}}")
    )
    return Policies([load_pack(upper, "nation", QUESTIONS), load_pack(local, "guxian", QUESTIONS)])


def test_the_county_answers_before_the_nation(policies):
    assert policies.ask(DAYS, "guxian", date(2026, 8, 1)).value == 5


def test_before_the_countys_first_day_the_nation_answers(policies):
    assert policies.ask(DAYS, "guxian", date(2025, 12, 31)).value == 30


def test_a_county_without_a_pack_is_answered_by_the_nation_with_the_value_of_the_day(policies):
    assert policies.ask(DAYS, "elsewhere", date(2026, 6, 30)).value == 30
    assert policies.ask(DAYS, "elsewhere", date(2026, 7, 1)) == Answer(
        value=20, source="公务员法 (2018), art. 95", mark="V", pack="nation", since=date(2026, 7, 1)
    )


def test_nobody_guesses_when_no_pack_answers(policies):
    with pytest.raises(PolicyMissing) as missing:
        policies.ask(DAYS, "guxian", date(2019, 12, 31))

    assert (missing.value.code, missing.value.status) == ("policy_missing", 422)
    assert missing.value.details == {"question": "toy.days", "county": "guxian", "day": "2019-12-31"}


@pytest.mark.parametrize(
    ("kind", "written", "value"),
    [
        ("share", "2/3", Fraction(2, 3)),
        ("share", 0.15, Fraction(3, 20)),
        ("number", 62.5, Decimal("62.5")),
        ("months", 6, 6),
        ("yes_no", True, True),
        ("date_rule", "next_grade_confirmed", "next_grade_confirmed"),
    ],
)
def test_a_value_is_read_exactly_as_its_kind(kind, written, value):
    question = Question(name="toy.q", kind=kind, unit="", set_by="county", means="")

    assert question.read(written) == value


@pytest.mark.parametrize(
    ("kind", "written"),
    [
        ("share", 1.5),
        ("share", "1/0"),
        ("number", "62"),
        ("number", float("nan")),
        ("text", " "),
        ("table", {}),
    ],
)
def test_a_value_of_another_kind_is_refused(kind, written):
    question = Question(name="toy.q", kind=kind, unit="", set_by="county", means="")

    with pytest.raises(WrongKind):
        question.read(written)


def test_a_table_has_the_keys_and_the_words_its_question_names():
    question = Question(
        name="toy.q", kind="table", unit="", set_by="county", means="", keys=("a", "b"), choices=("x", "y")
    )

    assert question.read({"a": "x", "b": "y"}) == {"a": "x", "b": "y"}
    with pytest.raises(WrongKind, match="exactly the keys a, b"):
        question.read({"a": "x"})
    with pytest.raises(WrongKind, match="one of x, y, not 'z'"):
        question.read({"a": "x", "b": "z"})


def test_the_values_of_a_table_are_read_as_their_kind():
    question = Question(name="toy.q", kind="table", unit="", set_by="county", means="", each="share")

    assert question.read({"a": "1/2"}) == {"a": Fraction(1, 2)}
    with pytest.raises(WrongKind):
        question.read({"a": 7})


def test_two_questions_of_one_name_stop_the_start():
    one, two = ModuleType("contracts.one.questions"), ModuleType("contracts.two.questions")
    one.DAYS = DAYS  # type: ignore[attr-defined]
    two.DAYS = Question(name="toy.days", kind="days", unit="", set_by="county", means="")  # type: ignore[attr-defined]

    with pytest.raises(ValueError, match=r"'toy\.days' is declared twice"):
        declared([one, two])


def test_a_rule_carries_the_article_it_follows():
    law = Source("公务员法", "2018-12-29", in_force=date(2019, 6, 1))

    @rule(law.art("95"))
    def judge() -> bool:
        return True

    assert str(rule_source(judge)) == "公务员法 (2018-12-29), art. 95"
    assert rule_source(judge).mark == "V"
    assert judge()
