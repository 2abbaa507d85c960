"""Names that become files: reversible, unique, and such as every file system takes."""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections.abc import Iterable
from urllib.parse import unquote

from assay.config.errors import UserError

__all__ = ["apart", "check_unicode", "file_name", "is_file_name", "nfc", "original_name"]

_LONGEST = 200  # bytes; file systems take 255, and prefixes, suffixes and temporary names need room
_REFUSED = re.compile(r'[<>:"/\\|?*%\x00-\x1f\x7f-\x9f]|^\.|[. ]\Z')
_DEVICE = re.compile(r"\A(con|prn|aux|nul|conin\$|conout\$|(com|lpt)[0-9¹²³])(?= *(\.|\Z))", re.IGNORECASE | re.ASCII)
_HASH = "%~"  # before the hash of a name that was too long; no other name has it, as % is written %25


def file_name(name: str) -> str:
    """`name` as that of a file, the same for no other name.

    It is brought into NFC; then what some file system refuses (`<>:"/\\|?*`, control characters, a leading dot, a
    trailing dot or space, Windows' devices) and % itself are percent-encoded in UTF-8. Spaces, brackets and letters of
    any script stay. Names that differ in case alone stay different, though not every file system tells them apart.

    >>> file_name("vi (1)"), file_name("w/o GNN"), file_name("50 %"), file_name("aux")
    ('vi (1)', 'w%2Fo GNN', '50 %25', '%61ux')

    Args:
        name: any text.

    Returns:
        At most 200 bytes of UTF-8; a name that would be longer is cut and ends in %~ and a hash of the whole.

    Raises:
        UserError: the name is empty, or no Unicode (lone surrogates).
    """
    check_unicode(name, "a name")
    if not name:
        raise UserError("expected a name; got an empty one")
    text = nfc(name)
    escaped = _DEVICE.sub(lambda found: _percent(found[0][0]) + found[0][1:], _REFUSED.sub(_escape, text))
    return escaped if len(escaped.encode()) <= _LONGEST else _shortened(escaped, text)


def original_name(file: str) -> str:
    """The name, in NFC, of which `file_name` made `file`; of a name that was cut, its beginning and the hash."""
    return unquote(file)


def apart(names: Iterable[str]) -> list[str]:
    """Names whose files differ in more than case, the first of each: some file systems do not tell case apart."""
    return list({file_name(name).casefold(): name for name in reversed(list(names))}.values())[::-1]


def is_file_name(text: str) -> bool:
    """Whether `text` is a single file's name, as all are that `file_name` gives, and leads nowhere else."""
    plain = text.replace("%", "")
    return bool(plain) and not _REFUSED.search(plain)


def nfc(name: str) -> str:
    """A name in Unicode's composed form, in which names are compared: file systems and archives differ in theirs."""
    return unicodedata.normalize("NFC", name)


def check_unicode(text: str, what: str) -> None:
    """Refuse a text that is none: bytes that are not UTF-8, as Python takes them from a file system or a command line.

    Args:
        text: to look at.
        what: it is, for the message.

    Raises:
        UserError: it is not Unicode.
    """
    try:
        text.encode()
    except UnicodeEncodeError as error:
        shown = text.encode(errors="backslashreplace").decode()
        raise UserError(f"expected {what} in UTF-8; got {shown}: rename it") from error


def _escape(found: re.Match[str]) -> str:
    return _percent(found[0])


def _percent(character: str) -> str:
    return "".join(f"%{byte:02X}" for byte in character.encode())


def _shortened(escaped: str, text: str) -> str:
    tail = _HASH + hashlib.sha256(text.encode()).hexdigest()[:16]
    cut = escaped.encode()[: _LONGEST - len(tail)].decode(errors="ignore")
    return re.sub(r"%[0-9A-F]?\Z", "", cut) + tail
