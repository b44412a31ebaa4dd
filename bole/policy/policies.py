"""Ask what the law or the county decides: from memory, of one county, as of one day."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any

from bole.errors import Refused
from bole.policy.packs import Pack, check_together, installed_packs
from bole.policy.questions import Question, installed_questions
from bole.policy.sources import Mark


class PolicyMissing(Refused):
    """No pack answers. Raised instead of guessing; HTTP 422, never retried."""

    code = "policy_missing"
    status = 422

    def __init__(self, question: str, county: str, day: date) -> None:
        super().__init__(
            f"No policy pack answers {question!r} for county {county!r} on {day}. "
            f"If the county has adopted a rule, add it with its source to the pack {county!r}.",
            question=question,
            county=county,
            day=str(day),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What applies, and why. Whoever acts on `value` keeps `source` and `mark` beside it."""

    value: Any  # of the question's kind
    source: str  # title, version and article in one line
    mark: Mark
    pack: str  # which pack answered
    since: date  # in force from this day


class Policies:
    """The installed packs, asked county first, then the level above, then the nation. No I/O when asked."""

    def __init__(self, packs: Iterable[Pack]) -> None:
        self.packs = check_together(packs)
        self._answers: dict[tuple[str, str, date], Answer] = {}
        self._nation = next((pack.name for pack in self.packs.values() if pack.level == "nation"), None)

    def ask(self, question: Question, county: str, day: date) -> Answer:
        """The answer in force in a county on the day of the facts (never simply today).

        A county without a pack of its own is answered by the nation's.

        Raises:
            PolicyMissing: no pack up to the nation's answers on that day.
        """
        key = (question.name, county, day)
        answer = self._answers.get(key)
        if answer is None:
            answer = self._look_up(question, county, day)
            if (
                len(self._answers) > 100_000
            ):  # about 20 MB; days of facts are few, so it is hardly ever reached
                self._answers.clear()
            self._answers[key] = answer
        return answer

    def _look_up(self, question: Question, county: str, day: date) -> Answer:
        name: str | None = county if county in self.packs else self._nation
        while name is not None:
            pack = self.packs[name]
            timeline = pack.answers.get(question.name)
            dated = timeline.on(day) if timeline else None
            if dated is not None:
                return Answer(
                    value=dated.value,
                    source=str(dated.citation),
                    mark=dated.citation.mark,
                    pack=pack.name,
                    since=dated.since,
                )
            name = pack.above
        raise PolicyMissing(question.name, county, day)


def installed_policies() -> Policies:
    """The packs of this installation, checked against the questions of its contracts.

    Raises:
        PackBroken: a pack is wrong; the start must stop.
    """
    return Policies(installed_packs(installed_questions()).values())
