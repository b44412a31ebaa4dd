"""/asyncapi.json: AsyncAPI 3.0, written from the events that the contracts declare."""

from __future__ import annotations

from typing import Any

import msgspec

from bole.events import EventType
from gateway.door.catalogue import Catalogue

SCHEMAS = "#/components/schemas/{name}"
DIGEST = {"type": "string", "contentEncoding": "base64", "pattern": "^[A-Za-z0-9+/]{43}=$"}  # 32 bytes
STUB = "bole.stub.v1"
WATERMARK = "bole.watermark.v1"


def write_asyncapi(catalogue: Catalogue, *, version: str) -> dict[str, Any]:
    """One channel per service (its exchange), one message per event that travels. Private ones do not."""
    travelling = [kind for kind in catalogue.events if not kind.private]
    refs, schemas = msgspec.json.schema_components([kind.cls for kind in travelling], ref_template=SCHEMAS)
    schemas = {**schemas, "Envelope": _ENVELOPE, "Watermark": {**_ENVELOPE, **_WATERMARK}}
    payloads = {kind.wire: ref for kind, ref in zip(travelling, refs, strict=True)}
    messages_of_all = {
        STUB: _bare(STUB, "A private or redacted entry: only its place in the chain.", "Envelope"),
        WATERMARK: _bare(WATERMARK, "How far the journal has come.", "Watermark"),
    }
    channels: dict[str, Any] = {}
    operations: dict[str, Any] = {}
    for source in sorted({kind.source for kind in travelling}):
        wires = [kind.wire for kind in travelling if kind.source == source] + list(messages_of_all)
        messages = {wire: {"$ref": f"#/components/messages/{wire}"} for wire in wires}
        channels[source] = {
            "address": f"bole.{source}",
            "title": f"What {source} announces",
            "description": "A direct exchange; the routing key is the stream, `stream.0`.",
            "messages": messages,
            "bindings": {
                "amqp": {
                    "is": "routingKey",
                    "exchange": {
                        "name": f"bole.{source}",
                        "type": "direct",
                        "durable": True,
                        "autoDelete": False,
                        "vhost": "/",
                    },
                }
            },
        }
        operations[f"announce_{source}"] = {
            "action": "send",
            "channel": {"$ref": f"#/channels/{source}"},
            "summary": f"{source} announces what has happened, in the order of its journal.",
            "messages": [{"$ref": f"#/channels/{source}/messages/{wire}"} for wire in messages],
        }
    return {
        "asyncapi": "3.0.0",
        "info": {
            "title": "Bole",
            "version": version,
            "description": (
                "What the services of one installation tell each other. Every message is a CloudEvent "
                "(1.0, structured JSON) with its place in the source's journal: positions have no holes, "
                "`hash` chains them, and what a subscriber misses it pulls from the source."
            ),
            "license": {"name": "Apache-2.0"},
        },
        "defaultContentType": "application/cloudevents+json",
        "channels": channels,
        "operations": operations,
        "components": {
            "messages": {
                **{kind.wire: _message(kind, payloads[kind.wire]) for kind in travelling},
                **messages_of_all,
            },
            "schemas": schemas,
        },
    }


def _bare(wire: str, says: str, schema: str) -> dict[str, Any]:
    """A message that carries no fact."""
    return {
        "name": wire,
        "title": says,
        "contentType": "application/cloudevents+json",
        "payload": {
            "allOf": [
                {"$ref": SCHEMAS.format(name=schema)},
                {"type": "object", "properties": {"type": {"const": wire}}},
            ]
        },
    }


def _message(kind: EventType, data: dict[str, Any]) -> dict[str, Any]:
    return {
        "name": kind.wire,
        "title": kind.en,
        "summary": kind.zh,
        "description": f"{(kind.cls.__doc__ or '').strip()}\n\nSubjects: {', '.join(kind.subjects)}.",
        "contentType": "application/cloudevents+json",
        "payload": {
            "allOf": [
                {"$ref": SCHEMAS.format(name="Envelope")},
                {
                    "type": "object",
                    "properties": {
                        "type": {"const": kind.wire},
                        "source": {"const": kind.source},
                        "data": data,
                    },
                },
            ]
        },
    }


_PLACE = ["specversion", "id", "source", "type", "journal", "stream", "position", "hash"]
_ENVELOPE: dict[str, Any] = {
    "type": "object",
    "description": "One entry of a journal: CloudEvents 1.0 with extension attributes.",
    "required": [*_PLACE, "prevhash", "headerdigest", "payloaddigest"],
    "properties": {
        "specversion": {"const": "1.0"},
        "id": {"type": "string", "format": "uuid"},
        "source": {"type": "string"},
        "type": {"type": "string"},
        "time": {"type": "string", "format": "date-time"},
        "datacontenttype": {"const": "application/json"},
        "subject": {"type": "string", "description": "The first of `subjects`."},
        "county": {"type": "string"},
        "subjects": {
            "type": "string",
            "description": "Joined by commas, in the order in which they are locked.",
        },
        "actor": {"type": "string", "description": "Account that caused it."},
        "cause": {"type": "string", "format": "uuid", "description": "Event it follows from."},
        "journal": {"type": "string", "format": "uuid"},
        "stream": {"type": "integer", "minimum": 0},
        "position": {"type": "integer", "minimum": 0},
        "prevhash": DIGEST,
        "headerdigest": DIGEST,
        "payloaddigest": DIGEST,
        "hash": DIGEST,
        "salt": {"type": "string"},
        "data": {"type": "object"},
    },
}
_WATERMARK: dict[str, Any] = {
    "description": "The head of a journal: what a subscriber compares its cursor with.",
    "required": _PLACE,
}
