"""The texts that supervision carries out, each named once."""

from __future__ import annotations

from datetime import date

from bole.policy.sources import Source

CIVIL_SERVANTS_LAW = Source("中华人民共和国公务员法", "2018-12-29", "V", in_force=date(2019, 6, 1))
ASSESSMENT_RULES = Source("公务员考核规定", "2020-12-28", "V2")
PROGRAMME = Source("Programme of Gu County on the work with officials", "about 2009", "V")
COUNTY_SCHEME = Source("Assessment scheme of one county, as reported", "2010", "V-local")
CITY_ADMONITION = Source("Rule of one city on admonition (诫勉), as reported", "2015", "V-local")
WEIXI_VISITS = Source("Rule of Weixi county on return visits, as reported", "2024-11-15", "V-local")

CONFIRMED = ASSESSMENT_RULES.art("procedure chapter: decision by the head or a committee")
CORRECTED = CIVIL_SERVANTS_LAW.art("95-97")
