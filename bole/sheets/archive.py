"""An .xlsx is a zip of XML from anywhere. It is unpacked here, within limits, before anything reads it.

What passes is packed anew from the bytes that were counted, so that a zip which lies about its sizes
or hides entries under each other cannot show the reader anything else.
"""

from __future__ import annotations

import io
import re
import zipfile
import zlib

from bole.sheets.faults import NotAWorkbook, WorkbookTooLarge

UNPACKED_AT_MOST = 200 * 1024 * 1024  # bytes
ENTRIES_AT_MOST = 2_000
RATIO_AT_MOST = 200  # unpacked to packed; a real sheet of repetitive rows reaches about 30
RATIO_COUNTS_FROM = 5 * 1024 * 1024  # bytes unpacked; below, a high ratio harms nobody
CHUNK = 1024 * 1024

WORKSHEET = re.compile(r"^xl/worksheets/[^/]+\.xml$")
NEEDED = re.compile(
    r"^(\[Content_Types\]\.xml|_rels/\.rels|xl/workbook\.xml|xl/_rels/workbook\.xml\.rels"
    r"|xl/sharedStrings\.xml|xl/styles\.xml|xl/worksheets/[^/]+\.xml)$",
    re.IGNORECASE,
)


def unpack(data: bytes) -> dict[str, bytes]:
    """The parts of an .xlsx that hold cells, by name; pictures, macros and the rest are left alone.

    Raises:
        NotAWorkbook: not a zip, a broken one, or one without a workbook in it.
        WorkbookTooLarge: too many entries, too many bytes, or a ratio that only bombs have.
    """
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            return _unpack(archive, packed=len(data))
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError, ValueError, OSError):
        raise NotAWorkbook(
            "The file is broken or protected by a password. Open it, save it again as .xlsx without a "
            "password, and send that."
        ) from None


def _unpack(archive: zipfile.ZipFile, *, packed: int) -> dict[str, bytes]:
    entries = archive.infolist()
    if len(entries) > ENTRIES_AT_MOST:
        raise WorkbookTooLarge(
            f"The file has {len(entries)} parts, at most {ENTRIES_AT_MOST} are read.", parts=len(entries)
        )
    _weigh(sum(entry.file_size for entry in entries), packed)  # what it says of itself: refuses early
    parts: dict[str, bytes] = {}
    total = 0
    for entry in entries:
        if not NEEDED.match(entry.filename):
            continue
        if entry.filename in parts:
            raise NotAWorkbook("The file holds the same part twice. Save it again and send that.")
        content = io.BytesIO()
        with archive.open(entry) as packed_part:
            while chunk := packed_part.read(CHUNK):
                total += len(chunk)
                _weigh(total, packed)
                content.write(chunk)
        parts[entry.filename] = content.getvalue()
    if "xl/workbook.xml" not in parts:
        raise NotAWorkbook("The file is a zip archive but no workbook. Save the table as .xlsx or .csv.")
    return parts


def _weigh(unpacked: int, packed: int) -> None:
    if unpacked > UNPACKED_AT_MOST:
        raise WorkbookTooLarge(
            f"The file unpacks to more than {UNPACKED_AT_MOST // 1024 // 1024} MB. Remove sheets that are "
            "not needed and send the rest.",
            limit_bytes=UNPACKED_AT_MOST,
        )
    if unpacked > RATIO_COUNTS_FROM and unpacked > packed * RATIO_AT_MOST:
        raise WorkbookTooLarge(
            f"The file unpacks to more than {RATIO_AT_MOST} times its size, which no table does.",
            ratio_limit=RATIO_AT_MOST,
        )


def pack(parts: dict[str, bytes]) -> bytes:
    """The same parts as an archive, uncompressed."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_STORED) as archive:
        for name, content in parts.items():
            archive.writestr(zipfile.ZipInfo(name), content)
    return packed.getvalue()
