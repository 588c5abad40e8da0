"""Writes a comparison as one HTML table. Class names are those of the style sheet and of Pygments; no `style`.

Pure: no Django, no I/O.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from html import escape
from typing import Literal

from annotations.diff_cells import code_html
from annotations.diff_rows import Fold, Hunk, Moves, Row
from annotations.highlighting import ColouredText, Line
from annotations.word_marks import NO_MARKS, Mark, WordMarks

Mode = Literal["side", "inline"]
Sign = Literal["del", "add"]

LINES_TO_UNFOLD = 2_000  # of the longer side; in a longer file what is folded is fetched when it is asked for
MOST_ROWS_FETCHED = 2_000


@dataclass(frozen=True)
class Bought:
    """What the edits of a place bought, in a sentence; `look` names its icon, `address` where it can be replayed."""

    look: Literal["fixed", "broken", "same"]
    sentence: str
    address: str


Pricing = Callable[[Hunk], Bought | None]


class Sides:
    """Both texts, line by line, as words with class names. `before_length` and `after_length` count lines."""

    def __init__(self, before: ColouredText, after: ColouredText, *, lengths: tuple[int, int]) -> None:
        self.before, self.after = before, after
        self.before_length, self.after_length = lengths
        self.ends_without_break = {"del": self._open_end(before, lengths[0]), "add": self._open_end(after, lengths[1])}
        self.differ_where_equal = False  # white space is ignored: an unchanged row shows each side as it is

    def line(self, sign: Sign, index: int) -> Line:
        return (self.before if sign == "del" else self.after)[index]

    def text(self, sign: Sign, index: int) -> str:
        return "".join([word for _, word in self.line(sign, index)])

    def _open_end(self, lines: ColouredText, length: int) -> bool:
        """Whether the last line lacks its line break: a text that ends with one has an empty line after it."""
        return bool(length) and len(lines) == length


class Table:
    """Writes the rows of one table in one mode."""

    def __init__(
        self,
        mode: Mode,
        sides: Sides,
        words: WordMarks,
        moves: Moves,
        sprite_url: str,
        bought: Pricing | None = None,
    ) -> None:
        self.mode = mode
        self.sides = sides
        self.words = words
        self.moves = moves
        self.bought = bought
        self.sprite_url = sprite_url
        self.columns = 4 if mode == "side" else 3
        icon = f'<svg class="i i-s" aria-hidden="true"><use href="{escape(sprite_url)}#down"/></svg>'
        self.icon = icon if sprite_url else ""

    def render(self, parts: Sequence[Hunk | Fold], note: str) -> str:
        """The whole table; `note` is a sentence above it."""
        code = '<col><col width="46"><col>' if self.mode == "side" else '<col width="46"><col>'
        look = "beside" if self.mode == "side" else "inline"  # `.side` is a pane
        pieces = [f'<table class="diff hl {look}"><colgroup><col width="46">{code}</colgroup><tbody>']
        if note:
            pieces.append(f'<tr class="fold note"><td colspan="{self.columns}">{escape(_utf8(note))}</td></tr>')
        elif not any(isinstance(part, Hunk) for part in parts):
            pieces.append(f'<tr class="fold"><td colspan="{self.columns}">Nothing changed</td></tr>')
        hunk, told = 0, None
        for part in parts:
            if isinstance(part, Fold):
                pieces.append(self._fold(part))
            else:
                hunk += 1
                bought = self.bought(part) if self.bought else None
                if bought and bought != told:
                    pieces.append(self._bought(bought))
                told = bought
                pieces.append(self._hunk(part, hunk))
        return "".join([*pieces, "</tbody></table>"])

    def rows(self, rows: Iterable[Row]) -> str:
        """Some rows alone, for a fold that is expanded."""
        return "".join(self._row(row) for row in rows)

    def _fold(self, fold: Fold) -> str:
        count = fold.size
        lines = f"{count:,} unchanged line{'s' if count != 1 else ''}"
        if max(self.sides.before_length, self.sides.after_length) > LINES_TO_UNFOLD:
            return (
                f'<tr class="fold"><td colspan="{self.columns}"><button type="button" '
                f'data-fetch-rows="{fold.before},{fold.after},{count}">{self.icon}Expand {lines}</button></td></tr>'
            )
        return (
            f'<tr class="fold"><td colspan="{self.columns}">'
            f'<button type="button" data-unfold>{self.icon}Expand {lines}</button></td></tr></tbody>'
            f"<tbody hidden>{self.rows(fold.rows(0, count))}</tbody><tbody>"
        )

    def _bought(self, bought: Bought) -> str:
        icon = f'<svg class="i" aria-hidden="true"><use href="{escape(self.sprite_url)}#{bought.look}"/></svg>'
        link = f' <a href="{escape(bought.address)}">Replay this edit</a>' if bought.address else ""
        said = f'<span class="out o-{bought.look}">{icon}{escape(bought.sentence)}</span>'
        return f'<tr class="bought"><td colspan="{self.columns}">{said}{link}</td></tr>'

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
        marks = NO_MARKS
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
        code = code_html(self.sides.after[after], (), "ins")
        old, new = f'<td class="n">{before + 1}</td>', f'<td class="n">{after + 1}</td>'
        if self.mode == "inline":
            return f"{old}{new}<td>{code}</td>"
        earlier = code_html(self.sides.before[before], (), "del") if self.sides.differ_where_equal else code
        return f'{old}<td>{earlier}</td>{new}<td class="mid">{code}</td>'

    def _number(self, sign: Sign, index: int | None) -> str:
        return '<td class="n empty"></td>' if index is None else f'<td class="n {sign}">{index + 1}</td>'

    def _cell(self, sign: Sign, index: int | None, marks: tuple[Mark, ...]) -> str:
        middle = " mid" if sign == "add" and self.mode == "side" else ""
        if index is None:
            return f'<td class="empty{middle}"></td>'
        moved, said = self._moved(sign, index)
        code = code_html(self.sides.line(sign, index), marks, "del" if sign == "del" else "ins")
        length = self.sides.before_length if sign == "del" else self.sides.after_length
        if index == length - 1 and self.sides.ends_without_break[sign]:
            code += ' <span class="quiet xs">no line break at the end</span>'
        return f'<td class="{sign}{moved}{middle}">{code}{said}</td>'

    def _moved(self, sign: Sign, index: int) -> tuple[str, str]:
        """The class of a line that moved, and at the first line of a block where it went or came from."""
        way, word = (self.moves.to, "moved to") if sign == "del" else (self.moves.origin, "moved from")
        if index not in way:
            return "", ""
        first = way.get(index - 1) != way[index] - 1
        return " mv", f' <span class="quiet xs">{word} line {way[index] + 1:,}</span>' if first else ""


def _utf8(text: str) -> str:
    return text.encode("utf-8", "replace").decode()
