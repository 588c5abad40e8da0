"""What changed between two texts, as the rows of one HTML table.

`render_diff` is the story. Two modes: `side` (before and after beside each other) and `inline`. Class names are those
of the style sheet (`table.diff`, `.del`, `.add`, `.empty`, `.fold`, `ins`, `del`) and of Pygments; nothing has a
`style` attribute, for the site's content security policy forbids it. All text is escaped; characters that would hide
or reorder code (control characters, bidirectional overrides: CVE-2021-42574) are made visible. Time is bounded; what
was left out is said. Pure: no Django, no I/O.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from html import escape
from typing import Literal

from annotations.highlighting import MOST_CHARACTERS, Line, highlighted_lines
from annotations.matching import Matching, Opcode, match
from annotations.word_marks import Mark, WordMarks

Mode = Literal["side", "inline"]
Sign = Literal["del", "add"]

CONTEXT_LINES = 3
MOST_LINES = 20_000  # a side; beyond, lines are not compared
MOST_CHANGED_ROWS = 5_000
MOST_CHANGED_CHARACTERS = 500_000
MOST_CHARACTERS_A_LINE = 1_000
LINES_TO_UNFOLD = 2_000  # of `after`; in a longer file what is folded stays out of the page


@dataclass(frozen=True)
class DiffHtml:
    """A rendered comparison.

    `html` is one `<table>`. `added` and `removed` count lines, `hunks` the places with changes. `degraded_note` says in
    a sentence what was left out or only approximated; empty where nothing was.
    """

    html: str
    added: int
    removed: int
    hunks: int
    degraded_note: str


@dataclass(frozen=True)
class Row:
    """One line of the table: the index of its line before and after, None where that side has none."""

    before: int | None
    after: int | None
    changed: bool


@dataclass(frozen=True)
class Fold:
    """Unchanged rows that are folded away."""

    rows: tuple[Row, ...]


@dataclass(frozen=True)
class Hunk:
    """Rows shown together: changes and the lines around them."""

    rows: tuple[Row, ...]


def render_diff(before: str, after: str, *, path: str, mode: Mode, sprite_url: str = "") -> DiffHtml:
    """Compare two documents (LF line breaks) of the file `path`, whose name picks the language.

    `sprite_url` is where the icons are; without it the fold rows have none. At most about 1.5 s whatever the texts are.
    """
    matching, note = compare_lines(before, after)
    sides = _Sides(before, after, path)
    words = WordMarks()
    rows = list(_rows(matching.opcodes, sides, words))
    shown = _rows_that_fit(rows, sides)
    left_out = sum(row.changed for row in rows[len(shown) :])
    parts = list(_folded(shown))
    notes = [note, sides.note, f"{left_out:,} further changed rows are not shown." if left_out else ""]
    degraded_note = " ".join(filter(None, notes))
    return DiffHtml(
        html=_Table(mode, sides, words, sprite_url).render(parts, degraded_note),
        added=sum(code.j2 - code.j1 for code in matching.opcodes if code.tag != "equal"),
        removed=sum(code.i2 - code.i1 for code in matching.opcodes if code.tag != "equal"),
        hunks=sum(isinstance(part, Hunk) for part in parts),
        degraded_note=degraded_note,
    )


def render_binary_diff(before: bytes | None, after: bytes | None, *, path: str, mode: Mode) -> DiffHtml:
    """The same table for a file that is not text: one row that tells the sizes. None: there is no such file."""
    sizes = ["no file" if content is None else f"{len(content):,} bytes" for content in (before, after)]
    change = f"{sizes[0]} before, {sizes[1]} now" if before != after else f"unchanged, {sizes[1]}"
    note = f"{path} is not text: {change}."
    table = _Table(mode, _Sides("", "", path), WordMarks(), "")
    return DiffHtml(table.render([], note), added=0, removed=0, hunks=int(before != after), degraded_note=note)


def compare_lines(before: str, after: str) -> tuple[Matching, str]:
    """Opcodes over the lines of both texts (`split_lines`), and a sentence where they are not the best there are."""
    lines_before, lines_after = split_lines(before), split_lines(after)
    if max(len(lines_before), len(lines_after)) > MOST_LINES:
        whole = Opcode("replace", 0, len(lines_before), 0, len(lines_after))
        note = f"Files of more than {MOST_LINES:,} lines are not compared line by line."
        return (Matching((), False), "") if before == after else (Matching((whole,), True), note)
    matching = match(lines_before, lines_after)
    note = "Much repeats in these files: the changes are told roughly." if matching.approximate else ""
    return matching, note


def split_lines(text: str) -> list[str]:
    """The lines of a document, each with its LF; joined again they are the text. A carriage return is no line break."""
    lines = [line + "\n" for line in text.split("\n")]
    lines[-1] = lines[-1][:-1]
    return lines if lines[-1] else lines[:-1]


class _Sides:
    """The lines of both sides as words with class names."""

    def __init__(self, before: str, after: str, path: str) -> None:
        self.before_length, self.after_length = len(split_lines(before)), len(split_lines(after))
        language = path if max(self.before_length, self.after_length) <= MOST_LINES else ""
        self.before = highlighted_lines(before, language)
        self.after = highlighted_lines(after, language)
        self.ends_without_break = {
            "del": bool(before) and not before.endswith("\n"),
            "add": bool(after) and not after.endswith("\n"),
        }
        self.note = (
            f"Files of more than {MOST_CHARACTERS:,} characters are shown without colours."
            if max(len(before), len(after)) > MOST_CHARACTERS
            else ""
        )

    def text(self, sign: Sign, index: int) -> str:
        return "".join(word for _, word in (self.before if sign == "del" else self.after)[index])


def _rows(opcodes: Sequence[Opcode], sides: _Sides, words: WordMarks) -> Iterator[Row]:
    for tag, i1, i2, j1, j2 in opcodes:
        if tag == "equal":
            yield from (Row(i, j, changed=False) for i, j in zip(range(i1, i2), range(j1, j2), strict=True))
            continue
        texts = [sides.text("del", i) for i in range(i1, i2)], [sides.text("add", j) for j in range(j1, j2)]
        for i, j in words.pair_lines(*texts):
            yield Row(None if i is None else i1 + i, None if j is None else j1 + j, changed=True)


def _rows_that_fit(rows: list[Row], sides: _Sides) -> list[Row]:
    """The first rows, up to as much change as a page can hold."""
    changed = characters = 0
    for index, row in enumerate(rows):
        if row.changed:
            texts = [sides.text("del", row.before) if row.before is not None else ""]
            texts += [sides.text("add", row.after) if row.after is not None else ""]
            changed += 1
            characters += sum(min(len(text), MOST_CHARACTERS_A_LINE) for text in texts)
            if changed > MOST_CHANGED_ROWS or characters > MOST_CHANGED_CHARACTERS:
                return rows[:index]
    return rows


def _folded(rows: Sequence[Row]) -> Iterator[Hunk | Fold]:
    """Hunks with their context, and folds between them. A fold of one line would save nothing, so it is shown."""
    near = [False] * len(rows)
    for index, row in enumerate(rows):
        if row.changed:
            near[max(0, index - CONTEXT_LINES) : index + CONTEXT_LINES + 1] = [True] * (
                min(len(rows), index + CONTEXT_LINES + 1) - max(0, index - CONTEXT_LINES)
            )
    for index in range(1, len(rows) - 1):
        near[index] = near[index] or (near[index - 1] and near[index + 1])
    start = 0
    for index in range(1, len(rows) + 1):
        if index == len(rows) or near[index] != near[start]:
            yield (Hunk if near[start] else Fold)(tuple(rows[start:index]))
            start = index


class _Table:
    """Writes the rows of one table in one mode."""

    def __init__(self, mode: Mode, sides: _Sides, words: WordMarks, sprite_url: str) -> None:
        self.mode = mode
        self.sides = sides
        self.words = words
        self.columns = 4 if mode == "side" else 3
        icon = f'<svg class="i i-s" aria-hidden="true"><use href="{escape(sprite_url)}#down"/></svg>'
        self.icon = icon if sprite_url else ""

    def render(self, parts: Sequence[Hunk | Fold], note: str) -> str:
        code = '<col><col width="46"><col>' if self.mode == "side" else '<col width="46"><col>'
        pieces = [f'<table class="diff hl {self.mode}"><colgroup><col width="46">{code}</colgroup><tbody>']
        if note:
            pieces.append(f'<tr class="fold note"><td colspan="{self.columns}">{escape(_utf8(note))}</td></tr>')
        elif not any(isinstance(part, Hunk) for part in parts):
            pieces.append(f'<tr class="fold"><td colspan="{self.columns}">Nothing changed</td></tr>')
        hunk = 0
        for part in parts:
            if isinstance(part, Fold):
                pieces.append(self._fold(part))
            else:
                hunk += 1
                pieces.append(self._hunk(part, hunk))
        return "".join([*pieces, "</tbody></table>"])

    def _fold(self, fold: Fold) -> str:
        lines = f"{len(fold.rows)} unchanged line{'s' if len(fold.rows) != 1 else ''}"
        if max(self.sides.before_length, self.sides.after_length) > LINES_TO_UNFOLD:
            return f'<tr class="fold"><td colspan="{self.columns}">{lines}</td></tr>'
        return (
            f'<tr class="fold"><td colspan="{self.columns}">'
            f'<button type="button" data-unfold>{self.icon}Expand {lines}</button></td></tr></tbody>'
            f"<tbody hidden>{''.join(self._row(row) for row in fold.rows)}</tbody><tbody>"
        )

    def _hunk(self, hunk: Hunk, number: int) -> str:
        first_change = next(index for index, row in enumerate(hunk.rows) if row.changed)
        return "".join(
            self._row(row, f' data-hunk="{number}"' if index == first_change else "")
            for index, row in enumerate(hunk.rows)
        )

    def _row(self, row: Row, attributes: str = "") -> str:
        before, after = row.before, row.after
        if not row.changed:
            return f"<tr>{self._unchanged(before or 0, after or 0)}</tr>"
        marks: tuple[list[Mark], list[Mark]] = ([], [])
        if before is not None and after is not None:
            marks = self.words.mark(self.sides.text("del", before), self.sides.text("add", after))
        removed = self._cell("del", before, marks[0])
        added = self._cell("add", after, marks[1])
        if self.mode == "side":
            return f"<tr{attributes}>{self._number('del', before)}{removed}{self._number('add', after)}{added}</tr>"
        lines = []
        if before is not None:
            lines.append(f'{self._number("del", before)}<td class="n del"></td>{removed}')
        if after is not None:
            lines.append(f'<td class="n add"></td>{self._number("add", after)}{added}')
        first, *second = lines
        return f"<tr{attributes}>{first}</tr>" + "".join(f"<tr>{line}</tr>" for line in second)

    def _unchanged(self, before: int, after: int) -> str:
        code = _code(self.sides.after[after], [], "ins")
        old, new = f'<td class="n">{before + 1}</td>', f'<td class="n">{after + 1}</td>'
        if self.mode == "side":
            return f'{old}<td>{code}</td>{new}<td class="mid">{code}</td>'
        return f"{old}{new}<td>{code}</td>"

    def _number(self, sign: Sign, index: int | None) -> str:
        return '<td class="n empty"></td>' if index is None else f'<td class="n {sign}">{index + 1}</td>'

    def _cell(self, sign: Sign, index: int | None, marks: Sequence[Mark]) -> str:
        middle = " mid" if sign == "add" and self.mode == "side" else ""
        if index is None:
            return f'<td class="empty{middle}"></td>'
        lines, length = (
            (self.sides.before, self.sides.before_length)
            if sign == "del"
            else (self.sides.after, self.sides.after_length)
        )
        code = _code(lines[index], marks, "del" if sign == "del" else "ins")
        if index == length - 1 and self.sides.ends_without_break[sign]:
            code += ' <span class="quiet xs">no line break at the end</span>'
        return f'<td class="{sign}{middle}">{code}</td>'


def _code(line: Line, marks: Sequence[Mark], element: Literal["ins", "del"]) -> str:
    """The HTML of one line; the stretches in `marks` (start and end, in characters) lie in an `<ins>` or `<del>`."""
    pieces = []
    edges = [edge for mark in marks for edge in mark]
    position, marked = 0, False
    for name, text in line:
        if position >= MOST_CHARACTERS_A_LINE:
            break
        text = text[: MOST_CHARACTERS_A_LINE - position]
        start = 0
        while edges and edges[0] < position + len(text):
            edge = edges.pop(0) - position
            pieces.append(_word(name, text[start:edge]))
            start, marked = edge, not marked
            pieces.append(f"<{element}>" if marked else f"</{element}>")
        pieces.append(_word(name, text[start:]))
        position += len(text)
    if marked:
        pieces.append(f"</{element}>")
    left_out = sum(len(text) for _, text in line) - position
    if left_out > 0:
        pieces.append(f' <span class="quiet xs">and {left_out:,} more characters</span>')
    return "".join(pieces)


def _word(name: str, text: str) -> str:
    if not text:
        return ""
    visible = escape(_visible(text))
    return f'<span class="{name}">{visible}</span>' if name else visible


_HIDING = re.compile("[\x00-\x08\x0a-\x1f\x7f-\x9f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff\ud800-\udfff]")


def _visible(text: str) -> str:
    """Characters that hide or reorder what stands beside them, by name: a carriage return as ␍, U+202E as ⟦U+202E⟧."""
    return _HIDING.sub(lambda found: _name(found.group()), text)


def _name(character: str) -> str:
    code = ord(character)
    return chr(0x2400 + code) if code < 0x20 else "␡" if code == 0x7F else f"⟦U+{code:04X}⟧"


def _utf8(text: str) -> str:
    return text.encode("utf-8", "replace").decode()
