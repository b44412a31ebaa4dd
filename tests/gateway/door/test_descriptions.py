"""/openapi.json and /asyncapi.json are valid, and say what is so."""

from __future__ import annotations

import json
import re

import jsonschema
from openapi_spec_validator import OpenAPIV31SpecValidator
from structlog.testing import capture_logs

from bole.delivery.topology import exchange
from bole.events import event_types
from bole.identifiers import new_id
from gateway.door.catalogue import read_catalogue
from tests.gateway.house import CONTRACTS
from tests.gateway.world import a_talk


def references(value):
    if isinstance(value, dict):
        if isinstance(value.get("$ref"), str):
            yield value["$ref"]
        for inner in value.values():
            yield from references(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from references(inner)


def behind(document, reference):
    assert reference.startswith("#/")
    for step in reference[2:].split("/"):
        document = document[step.replace("~1", "/").replace("~0", "~")]
    return document


def test_openapi_is_valid_and_every_reference_leads_somewhere(house):
    document = house.client.get("/openapi.json").json
    assert document["openapi"].startswith("3.1")
    OpenAPIV31SpecValidator(document).validate()
    for reference in references(document):
        behind(document, reference)


def test_openapi_holds_every_call_with_its_problems_and_its_key(house):
    document = house.client.get("/openapi.json").json
    for call in read_catalogue(CONTRACTS).calls:
        operation = document["paths"][call.path][call.method.lower()]
        assert operation["operationId"] == call.name
        parameters = [
            behind(document, one["$ref"]) if "$ref" in one else one for one in operation["parameters"]
        ]
        named = {parameter["name"] for parameter in parameters}
        assert ("Idempotency-Key" if call.method == "POST" else "at_least") in named
        assert ("Prefer" in named) == (call.service != "gateway")
        assert operation["summary"][0].isupper()
        assert not operation["summary"].endswith(".")
        for status, response in operation["responses"].items():
            if status >= "400":
                assert "application/problem+json" in behind(document, response["$ref"])["content"]
        assert {"422", "500", "503"} <= set(operation["responses"])
        if call.name != "gateway.issue_token":
            assert {"401", "403"} <= set(operation["responses"])
            assert "security" not in operation


def test_a_decimal_that_travels_as_text_is_documented_as_text(house):
    schemas = house.client.get("/openapi.json").json["components"]["schemas"]
    assert schemas["toy.Line"]["properties"]["weight"]["type"] == ["string", "null"]


def test_asyncapi_has_the_shape_of_version_3(house):
    """What the AsyncAPI 3.0.0 specification requires of the objects that we use."""
    document = house.client.get("/asyncapi.json").json
    assert document["asyncapi"] == "3.0.0"
    assert {"title", "version"} <= set(document["info"])
    for reference in references(document):
        behind(document, reference)
    component = re.compile(r"^[a-zA-Z0-9.\-_]+$")
    for components in document["components"].values():
        assert all(component.match(key) for key in components)
    for name, channel in document["channels"].items():
        assert channel["address"] == exchange(name)
        assert set(channel) <= {
            "address",
            "title",
            "summary",
            "description",
            "messages",
            "bindings",
            "parameters",
        }
        assert all(set(message) == {"$ref"} for message in channel["messages"].values())
    for operation in document["operations"].values():
        assert operation["action"] in ("send", "receive")
        channel = behind(document, operation["channel"]["$ref"])
        prefix = operation["channel"]["$ref"] + "/messages/"
        assert all(one["$ref"].startswith(prefix) for one in operation["messages"])
        assert len(operation["messages"]) == len(channel["messages"])


def test_asyncapi_holds_every_event_that_travels_and_no_private_one(house):
    messages = house.client.get("/asyncapi.json").json["components"]["messages"]
    kinds = {kind.wire: kind for kind in read_catalogue(CONTRACTS).events}
    travelling = {wire for wire, kind in kinds.items() if not kind.private}
    assert set(messages) == travelling | {"bole.stub.v1", "bole.watermark.v1"}
    assert "supervision.measure_proposed.v1" not in messages
    assert set(kinds) <= set(event_types())


def test_a_message_as_it_travels_fits_its_schema(house):
    world = house.world
    world.tell(a_talk(new_id()))
    [body] = world.intake.reader.read("care", 0, 0, 10)
    document = house.client.get("/asyncapi.json").json
    payload = document["components"]["messages"]["care.talk_due.v1"]["payload"]
    whole = {**payload, "components": document["components"]}
    jsonschema.validate(json.loads(body), whole, cls=jsonschema.Draft7Validator)


def test_the_documentation_page_loads_nothing_from_elsewhere(house):
    assert house.client.get("/").headers["Location"] == "/docs"
    page = house.client.get("/docs")
    assert page.status_code == 200
    assert "default-src 'none'" in page.headers["Content-Security-Policy"]
    text = page.get_data(as_text=True)
    for address in re.findall(r'(?:src|href)="([^"]+)"', text):
        assert address.startswith("/")
        assert house.client.get(address).status_code == 200
    for part in ("/docs/docs.js", "/docs/docs.css"):
        assert "http://" not in house.client.get(part).get_data(as_text=True)
        assert "https://" not in house.client.get(part).get_data(as_text=True)


def test_health_and_metrics_answer_without_a_token(house):
    assert house.client.get("/livez").json == {"alive": True}
    assert house.client.get("/readyz").status_code == 200
    house.installation.checks["database of gateway"] = lambda: "away"
    assert house.client.get("/readyz").status_code == 503
    assert b"bole_http_answers_total" in house.client.get("/metrics").get_data()


def test_probes_are_logged_at_debug_and_calls_at_info(house):
    with capture_logs() as lines:
        for address in ("/livez", "/readyz", "/metrics", "/api/v1/people"):
            house.client.get(address)
    levels = {line["call"]: line["log_level"] for line in lines if line["event"] == "request answered"}
    assert levels == {
        "livez": "debug",
        "readyz": "debug",
        "metrics": "debug",
        "gateway.list_people": "info",
    }


def test_every_answer_carries_the_headers_that_protect_it(house):
    for address in ("/livez", "/openapi.json", "/nothing", "/docs", "/api/v1/people"):
        headers = house.client.get(address).headers
        assert headers["X-Content-Type-Options"] == "nosniff"
        assert "frame-ancestors 'none'" in headers["Content-Security-Policy"]
        assert "Access-Control-Allow-Origin" not in headers
