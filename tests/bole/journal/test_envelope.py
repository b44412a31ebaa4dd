"""What leaves a journal proves itself; what does not is not trusted."""

from __future__ import annotations

import base64
import json
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import pytest
from cloudevents.core.formats.json import JSONFormat

from bole.journal import chain
from bole.journal.envelope import MESSAGE_LIMIT_BYTES, Envelope, Untrusted, Watermark, read_message
from tests.bole.toys import Noted

ID = UUID("01980000-0000-7000-8000-000000000001")
JOURNAL = UUID("01980000-0000-7000-8000-00000000000a")
PERSON = UUID("01980000-0000-7000-8000-0000000000ff")
PAYLOAD = b'{"person_id": "01980000-0000-7000-8000-0000000000ff",  "text":"\\u674e"}'  # as odd as it came
SALT = bytes(range(16))

# Calculated by hand with hashlib from the description at the top of bole/journal/chain.py.
HEADER_DIGEST = "ce88af1595b86b449f41ccc8e074ee9ddcc2718bd85c36938affd91fc8d66f39"
HASH = "cb212769f76017b75e4bbac1807b1f0972f644e1fd7beba1e45e64f5912c8927"


def an_entry(**changed: Any) -> Envelope:
    said: dict[str, Any] = {
        "id": ID,
        "source": "toy",
        "type": "toy.noted.v1",
        "time": datetime(2026, 8, 3, 2, 0, 0, 123456, tzinfo=UTC),
        "county": "guxian",
        "subjects": (str(PERSON),),
        "actor": "li.ming",
        "cause": None,
    } | changed
    header = chain.header_digest(**said)
    payload = chain.payload_digest(SALT, PAYLOAD)
    return Envelope(
        **said,
        journal=JOURNAL,
        stream=0,
        position=7,
        prev_hash=bytes(32),
        header_digest=header,
        payload_digest=payload,
        hash=chain.link(JOURNAL, 0, 7, bytes(32), header, payload),
        salt=SALT,
        payload=PAYLOAD,
    )


def changed(body: bytes, **values: Any) -> bytes:
    message = json.loads(body)
    for key, value in values.items():
        if value is None:
            del message[key]
        else:
            message[key] = value
    return json.dumps(message).encode()


def test_the_chain_gives_the_values_that_were_calculated_by_hand() -> None:
    assert an_entry().header_digest.hex() == HEADER_DIGEST
    assert an_entry().hash.hex() == HASH


def test_an_envelope_comes_back_as_it_was_byte_for_byte() -> None:
    for entry in (an_entry(), an_entry(cause=ID), an_entry(subjects=("a", "b"))):
        again = read_message(entry.encode())
        assert again == entry
        assert isinstance(again, Envelope)
        assert again.payload == PAYLOAD
    assert an_entry().fact == Noted(person_id=PERSON, text="李")


def test_a_watermark_comes_back_as_it_was() -> None:
    mark = Watermark(source="toy", journal=JOURNAL, stream=0, position=0, hash=bytes(32))
    assert read_message(mark.encode()) == mark


def test_others_read_it_as_a_cloud_event() -> None:
    entry = an_entry()
    theirs = JSONFormat().read(None, entry.encode())  # the SDK refuses what is none
    assert theirs.get_specversion() == "1.0"
    assert (theirs.get_id(), theirs.get_type(), theirs.get_source()) == (str(ID), "toy.noted.v1", "toy")
    assert theirs.get_subject() == str(PERSON)
    assert theirs.get_time() == entry.time
    assert theirs.get_data() == json.loads(PAYLOAD)
    assert theirs.get_extension("headerdigest") == base64.b64encode(entry.header_digest).decode()
    mark = Watermark(source="toy", journal=JOURNAL, stream=0, position=3, hash=bytes(32))
    assert JSONFormat().read(None, mark.encode()).get_extension("position") == 3


def test_a_name_nobody_declared_has_no_fact_but_is_trusted() -> None:
    entry = read_message(an_entry(type="toy.forgotten.v1").encode())
    assert isinstance(entry, Envelope)
    with pytest.raises(KeyError):
        entry.fact  # noqa: B018


@pytest.mark.parametrize(
    ("values", "reason"),
    [
        ({"actor": "somebody else"}, "bad_header_digest"),
        ({"type": "toy.noticed.v1"}, "bad_header_digest"),
        ({"source": "toys"}, "bad_header_digest"),
        ({"subjects": "nobody"}, "bad_header_digest"),
        ({"time": "2026-08-03T02:00:01Z"}, "bad_header_digest"),
        ({"cause": str(ID)}, "bad_header_digest"),
        ({"id": str(JOURNAL)}, "bad_header_digest"),
        ({"data": {"person_id": str(PERSON)}}, "bad_payload_digest"),
        ({"salt": base64.b64encode(b"s" * 16).decode()}, "bad_payload_digest"),
        ({"position": 8}, "bad_hash"),
        ({"stream": 1}, "bad_hash"),
        ({"journal": str(ID)}, "bad_hash"),
        ({"prevhash": base64.b64encode(b"p" * 32).decode()}, "bad_hash"),
        ({"hash": base64.b64encode(b"h" * 32).decode()}, "bad_hash"),
        ({"position": 0}, "not_an_envelope"),
        ({"position": -1}, "not_an_envelope"),
        ({"position": 2**64}, "not_an_envelope"),
        ({"position": "8"}, "not_an_envelope"),
        ({"stream": 2**40}, "not_an_envelope"),
        ({"id": "1"}, "not_an_envelope"),
        ({"specversion": "0.3"}, "not_an_envelope"),
        ({"specversion": None}, "not_an_envelope"),
        ({"data": None}, "not_an_envelope"),
        ({"salt": None}, "not_an_envelope"),
        ({"time": None}, "not_an_envelope"),
        ({"time": "2026-08-03T02:00:00"}, "not_an_envelope"),
        ({"subjects": None}, "not_an_envelope"),
        ({"prevhash": None}, "not_an_envelope"),
        ({"hash": "AAAA"}, "not_an_envelope"),
        ({"source": ""}, "not_an_envelope"),
        ({"actor": "a\0"}, "not_an_envelope"),
        ({"type": "bole.stub.v1"}, "not_an_envelope"),
    ],
)
def test_a_changed_envelope_is_not_trusted(values: dict[str, Any], reason: str) -> None:
    body = an_entry().encode()
    message = json.loads(body)
    data = message.pop("data")  # the payload's bytes stay what they were
    assert data
    body = changed(json.dumps(message).encode()[:-1] + b', "data": ' + PAYLOAD + b"}", **values)
    if "data" not in values:
        body = body.replace(json.dumps(json.loads(PAYLOAD)).encode(), PAYLOAD)
    with pytest.raises(Untrusted) as refused:
        read_message(body)
    assert refused.value.reason == reason


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (b"", "not_json"),
        (b"hello", "not_json"),
        (b"\xff\xfe", "not_json"),
        (b'{"specversion": "1.0"', "not_json"),
        (b"[]", "not_an_envelope"),
        (b"{}", "not_an_envelope"),
        (b"null", "not_an_envelope"),
        (b" " * (MESSAGE_LIMIT_BYTES + 1), "too_large"),
        (b"[" * 33, "too_deep"),
        (b'{"a":' * 100_00, "too_deep"),
        (b'{"x": "' + b"[" * 40 + b'"}', "not_an_envelope"),
        (b'{"x": "\\"' + b"[" * 40, "too_deep"),
    ],
)
def test_what_is_no_envelope_is_refused_with_its_reason(body: bytes, reason: str) -> None:
    with pytest.raises(Untrusted) as refused:
        read_message(body)
    assert refused.value.reason == reason
