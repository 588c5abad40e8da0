"""A file as the editor sees it: text with one kind of line break, and the way back to bytes.

The rule is in docs/workspace-protocol.md, "Text". Pure: no Django, no I/O.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

LineSeparator = Literal["\n", "\r\n"]


@dataclass(frozen=True)
class Document:
    """Text of one file with LF line breaks, and the line separator its file is written with.

    `text` may hold lone surrogates: half an emoji is a legal state of an editor. Offsets of the log count UTF-16 code
    units of `text`, so `utf16` is the form to count in.
    """

    text: str
    line_separator: LineSeparator = "\n"

    @property
    def utf16(self) -> bytes:
        """The text as UTF-16LE, two bytes a code unit, lone surrogates included."""
        return self.text.encode("utf-16-le", "surrogatepass")

    def to_bytes(self) -> bytes:
        """The file as UTF-8 with its own line breaks.

        UTF-8 cannot hold a lone surrogate; each becomes U+FFFD, as in a browser's `TextEncoder`.
        """
        text = self.text if self.line_separator == "\n" else self.text.replace("\n", self.line_separator)
        try:
            return text.encode()
        except UnicodeEncodeError:
            return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace").encode()


def open_document(content: bytes) -> Document | None:
    """The document of a file, or None where its bytes are not text (not valid UTF-8, or with a NUL).

    A byte order mark stays the first character of the text. Always true: `open_document(b).to_bytes() == b`.
    """
    if b"\0" in content:
        return None
    try:
        text = content.decode()
    except UnicodeDecodeError:
        return None
    breaks = text.count("\n")
    if breaks and text.count("\r\n") == breaks:
        return Document(text.replace("\r\n", "\n"), "\r\n")
    return Document(text)


def document_from_utf16(content: bytes | bytearray, line_separator: LineSeparator) -> Document:
    """The document whose text is `content`, UTF-16LE with an even number of bytes."""
    return Document(content.decode("utf-16-le", "surrogatepass"), line_separator)
