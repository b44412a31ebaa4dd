"""The texts selection's rules come from, each named once."""

from __future__ import annotations

from datetime import date

from bole.policy.sources import Source

SELECTION_REGULATIONS = Source(
    "党政领导干部选拔任用工作条例", "2019-03-03", mark="V2", in_force=date(2019, 3, 3)
)
SELECTION_REGULATIONS_2014 = Source(
    "党政领导干部选拔任用工作条例", "2014-01-14", mark="V-old", in_force=date(2014, 1, 14)
)
PROGRAMME = Source("Programme of Gu County on the work with officials", "about 2009")
