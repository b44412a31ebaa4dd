"""The worked examples of every installed pack; and the county shipped answers every question."""

from __future__ import annotations

from datetime import date

import pytest

from bole.policy.cases import Case, cases_of
from bole.policy.policies import Policies, installed_policies
from bole.policy.questions import Question, installed_questions

POLICIES: Policies = installed_policies()
QUESTIONS = installed_questions()
CASES = [case for pack in POLICIES.packs.values() for case in cases_of(pack)]


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case.county}: {case.case}")
def test_a_worked_example_comes_out_as_the_text_says(case: Case):
    question = QUESTIONS[case.ask]

    assert POLICIES.ask(question, case.county, case.as_of).value == question.read(case.expect)


def test_both_packs_are_installed_and_have_examples():
    assert {"national", "guxian"} <= POLICIES.packs.keys()
    assert {"national", "guxian"} <= {case.county for case in CASES}


@pytest.mark.parametrize("question", QUESTIONS.values(), ids=lambda question: question.name)
def test_the_county_shipped_has_an_answer_to_every_question(question: Question):
    answer = POLICIES.ask(question, "guxian", date(2026, 11, 2))

    assert answer.source
    assert answer.mark
