"""Where a number or a rule comes from: a text, its version, the article, and how sure we are of it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import Any, Literal, TypeVar, get_args

Mark = Literal["V", "V2", "V-old", "V-local", "K"]
"""V: read in the cited text. V2: read in a secondary copy. V-old: read in an older version.
V-local: one county's, city's or province's rule, a sample. K: general knowledge, unverified."""

MARKS: tuple[str, ...] = get_args(Mark)


@dataclass(frozen=True, slots=True)
class Citation:
    """One article of one version of one text. `str()` is the line a person reads.

    >>> str(Source("公务员法", "2018-12-29").art("95"))
    '公务员法 (2018-12-29), art. 95'
    """

    title: str
    version: str
    article: str
    mark: Mark

    def __str__(self) -> str:
        article = f"art. {self.article}" if self.article[:1].isdigit() else self.article
        return f"{self.title} ({self.version}), {article}"


@dataclass(frozen=True, slots=True)
class Source:
    """One version of one text, named once in a service's `domain/law.py`."""

    title: str
    version: str  # day of its promulgation or revision, or the year when that is all there is
    mark: Mark = "V"
    in_force: date | None = None

    def art(self, article: str, *, mark: Mark | None = None) -> Citation:
        """An article of it; `mark` where this article was read less well than the rest of the text."""
        return Citation(self.title, self.version, article, mark or self.mark)


F = TypeVar("F", bound=Callable[..., Any])


def rule(citation: Citation) -> Callable[[F], F]:
    """Attach the article a pure function carries out; `rule_source` reads it back."""

    def attach(function: F) -> F:
        function.rule_source = citation  # type: ignore[attr-defined]
        return function

    return attach


def rule_source(function: Callable[..., Any]) -> Citation:
    """The article behind a function decorated with `@rule`. Raises AttributeError when it has none."""
    citation: Citation = function.rule_source  # type: ignore[attr-defined]
    return citation
