"""The texts that care carries out, each named once."""

from __future__ import annotations

from bole.policy.sources import Source

PROGRAMME = Source("Programme of Gu County on the work with officials", "about 2009", "V")
FIVE_TALKS = PROGRAMME.art("section 4, the five talks")
