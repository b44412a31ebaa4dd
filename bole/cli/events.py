"""`bole events`: what is announced, by whom, and who listens."""

from __future__ import annotations

import dataclasses
import inspect
import json
import warnings
from typing import Any

import click

from bole.events import EventType, event_types
from bole.run.installation import contract_packages, import_contracts, load, service_points


@click.command("events")
@click.argument("name", required=False)
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@click.option("--markdown", is_flag=True, help="Print the page docs/events.md.")
def command(name: str | None, as_json: bool, markdown: bool) -> None:
    """Which events there are: who announces them, who listens, and what they carry.

    \b
    Examples:
      $ bole events
      $ bole events supervision.result_confirmed
      $ bole events --json
    """
    known = catalogue()
    if name is not None:
        known = [one for one in known if name in (one["name"], one["type"])]
        if not known:
            raise click.ClickException(f"There is no event {name!r}. 'bole events' lists all.")
    if as_json:
        click.echo(json.dumps(known, ensure_ascii=False, indent=2))
    elif markdown:
        click.echo(page(known), nl=False)
    elif name is not None:
        click.echo("\n\n".join(_whole(one) for one in known))
    else:
        for one in known:
            heard = ", ".join(one["heard_by"]) or "nobody but the read model"
            click.echo(f"{one['type']:<44} {one['en']:<44} heard by {heard}")


def catalogue() -> list[dict[str, Any]]:
    """Every event of the installed contracts, by source and in order of declaration."""
    packages = contract_packages()
    import_contracts(packages)
    heard_by = listeners()
    announced = tuple(f"{package}." for package in packages)
    kinds = [kind for kind in event_types().values() if kind.cls.__module__.startswith(announced)]
    return [
        _described(kind, heard_by.get(kind.cls, [])) for kind in sorted(kinds, key=lambda one: one.source)
    ]


def listeners() -> dict[type, list[str]]:
    """By event class, the methods of installed services that hear it."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # eventlet says on every import that it is old
        from bole.run.entrypoints import On  # here, since it brings nameko with it

    heard: dict[type, list[str]] = {}
    for service, point in service_points().items():
        for method_name, method in inspect.getmembers(load(point), inspect.isfunction):
            for entrypoint in getattr(method, "nameko_entrypoints", ()):
                if isinstance(entrypoint, On):
                    heard.setdefault(entrypoint.event, []).append(f"{service}.{method_name}")
    return heard


def _described(kind: EventType, heard_by: list[str]) -> dict[str, Any]:
    return {
        "type": kind.wire,
        "name": kind.name,
        "announced_by": kind.source,
        "heard_by": heard_by,
        "zh": kind.zh,
        "en": kind.en,
        "means": inspect.cleandoc(kind.cls.__doc__ or ""),
        "subjects": list(kind.subjects),
        "private": kind.private,
        "shown_in": f"{kind.shown.kind}.{kind.shown.items}" if kind.shown else None,
        "fields": {field.name: str(field.type) for field in dataclasses.fields(kind.cls)},
    }


def _whole(one: dict[str, Any]) -> str:
    lines = [
        f"{one['type']}  {one['zh']} / {one['en']}",
        one["means"],
        "",
        f"announced by  {one['announced_by']}" + (" (private: travels as a stub)" if one["private"] else ""),
        f"heard by      {', '.join(one['heard_by']) or 'nobody but the read model'}",
        f"subjects      {', '.join(one['subjects'])}",
        f"shown in      {one['shown_in'] or 'no document'}",
        "",
    ]
    return "\n".join(lines + [f"  {name:<20} {kind}" for name, kind in one["fields"].items()])


def page(known: list[dict[str, Any]]) -> str:
    """The page docs/events.md."""
    lines = ["# Events", "", "Written by `bole events --markdown`; a test compares the two.", ""]
    source = None
    for one in known:
        if one["announced_by"] != source:
            source = one["announced_by"]
            lines += [f"## {source}", ""]
        lines += [
            f"### `{one['type']}`",
            "",
            f"{one['zh']} / {one['en']}. {' '.join(one['means'].split())}",
            "",
        ]
        heard = ", ".join(f"`{method}`" for method in one["heard_by"]) or "nobody but the read model"
        lines += [f"- heard by {heard}", f"- subjects: {', '.join(f'`{name}`' for name in one['subjects'])}"]
        if one["shown_in"]:
            lines.append(f"- shown in `{one['shown_in']}`")
        if one["private"]:
            lines.append("- private: leaves its journal as a stub only")
        lines += ["", "| field | type |", "| --- | --- |"]
        lines += [
            f"| `{name}` | `{kind.replace('|', chr(92) + '|')}` |" for name, kind in one["fields"].items()
        ]
        lines.append("")
    return "\n".join(lines)
