"""What the packs say about the assessment of one year, and what they make of what was entered."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any

from bole.policy.policies import Answer, Policies
from bole.policy.questions import Question
from contracts.supervision import questions as ask
from contracts.supervision.events import Grade, LeaderClass
from contracts.supervision.schemas import BALLOTS, ITEMS
from services.supervision.domain.classify import classify_leader, classify_team
from services.supervision.domain.judge import Ballots, Verdict, cap, judge_ballots, judge_scores

THRESHOLDS: Mapping[str, Question] = {
    "grade_scores": ask.GRADE_SCORES,
    "ballots_unfit": ask.BALLOTS_UNFIT,
    "ballots_fit": ask.BALLOTS_FIT,
    "ballots_excellent": ask.BALLOTS_EXCELLENT,
    "not_excellent_under": ask.NOT_EXCELLENT_UNDER,
}


class UnknownReason(ValueError):
    """A reason for no grade that the packs do not know; the message lists those they do."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Entered:
    """What somebody entered about one person or team; equal when the same was entered."""

    ground: str  # scores, ballots, not_graded
    scores: dict[str, float] | None = None
    ballots: dict[str, int] | None = None
    not_graded: str | None = None  # code


@dataclass(frozen=True, slots=True, kw_only=True)
class Proposal:
    """What it leads to, with the rule, its source and every condition that was looked at."""

    grade: Grade | None
    leader_class: LeaderClass | None
    class_source: str | None
    rule: str
    source: str
    mark: str
    average: Decimal | None = None
    checks: list[dict[str, Any]] = field(default_factory=list)


class Standards:
    """The rules for the assessment of one year in one county, as of the last day of that year."""

    def __init__(self, policies: Policies, county: str, year: int) -> None:
        self._policies = policies
        self._county = county
        self.year = year
        self._day = date(year, 12, 31)

    def answer(self, question: Question) -> Answer:
        """What applies to that year. Raises PolicyMissing."""
        return self._policies.ask(question, self._county, self._day)

    def read(self, row: Mapping[str, Any]) -> Entered:
        """What a row enters.

        Raises:
            UnknownReason: the reason for no grade is not one the packs know.
        """
        if row.get("not_graded"):
            return Entered(ground="not_graded", not_graded=self._reason(row["not_graded"].strip())[0])
        if ITEMS[0] in row:
            return Entered(ground="scores", scores={item: float(row[item]) for item in ITEMS})
        ballots = {box.removeprefix("ballots_"): row.get(box, 0) for box in BALLOTS}
        return Entered(ground="ballots", ballots=ballots)

    def propose(self, entered: Entered, *, is_leader: bool, is_capped: Callable[[], bool]) -> Proposal:
        """A person's grade, and a leader's class. `is_capped` is asked only about somebody excellent."""
        if entered.not_graded is not None:
            code, label, answer = self._reason(entered.not_graded)
            return Proposal(
                grade=None,
                leader_class=None,
                class_source=None,
                rule=f"不定等次：{label} / not graded: {code.replace('_', ' ')}",
                source=answer.source,
                mark=answer.mark,
            )
        verdict = self._judge(entered)
        if verdict.grade == "excellent" and is_capped():
            verdict = cap(verdict)
        answer = self.answer(THRESHOLDS[verdict.by])
        leader_class, class_source = self.class_of(verdict.grade, is_leader=is_leader)
        return Proposal(
            grade=verdict.grade,
            leader_class=leader_class,
            class_source=class_source,
            rule=verdict.rule,
            source=answer.source,
            mark=answer.mark,
            average=verdict.average,
            checks=[asdict(check) for check in verdict.checks],
        )

    def propose_for_team(self, entered: Entered) -> Proposal:
        """A team's class."""
        answer = self.answer(ask.TEAM_CLASS_SHARES)
        team_class, rule = classify_team(Ballots(**entered.ballots or {}), shares=answer.value)
        return Proposal(
            grade=None,
            leader_class=team_class,
            class_source=answer.source,
            rule=rule,
            source=answer.source,
            mark=answer.mark,
        )

    def excluding_excellent(self) -> list[str]:
        """Kinds of measures that keep somebody from excellent in a year in which they were in effect."""
        return list(self.answer(ask.NOT_EXCELLENT_UNDER).value)

    def labels(self) -> dict[str, str]:
        """What the county calls the four classes."""
        return dict(self.answer(ask.CLASS_LABELS).value)

    def class_of(self, grade: Grade | None, *, is_leader: bool) -> tuple[LeaderClass | None, str | None]:
        """The class of a leader with this grade and its source; none for general officials."""
        if not is_leader or grade is None:
            return None, None
        answer = self.answer(ask.CLASS_OF_GRADE)
        return classify_leader(grade, class_of=answer.value), answer.source

    def _judge(self, entered: Entered) -> Verdict:
        if entered.scores is not None:
            return judge_scores(
                {item: Decimal(str(score)) for item, score in entered.scores.items()},
                weights=self.answer(ask.ITEM_WEIGHTS).value,
                reaches=self.answer(ask.GRADE_SCORES).value,
            )
        return judge_ballots(
            Ballots(**entered.ballots or {}),
            fit=self.answer(ask.BALLOTS_FIT).value,
            unfit=self.answer(ask.BALLOTS_UNFIT).value,
            excellent=self.answer(ask.BALLOTS_EXCELLENT).value,
        )

    def _reason(self, said: str) -> tuple[str, str, Answer]:
        """Code, label and source of a reason for no grade, written as its code or its label."""
        known: list[str] = []
        for question in (ask.NOT_GRADED_SITUATIONS, ask.NOT_GRADED_SANCTIONS):
            answer = self.answer(question)
            for code, label in answer.value.items():
                if said in (code, label):
                    return code, label, answer
                known.append(f"{code} ({label})")
        raise UnknownReason(f"is not a known reason for no grade; write one of {', '.join(known)}")
