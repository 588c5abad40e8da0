"""What changed between two texts, as the rows of one HTML table.

`render_diff` is the story. Two modes: `side` (before and after beside each other) and `inline`. Class names are those
of the style sheet (`table.diff`, `.del`, `.add`, `.mv`, `.empty`, `.fold`, `ins`, `del`) and of Pygments; nothing has a
`style` attribute, for the site's content security policy forbids it. All text is escaped; characters that would hide
or reorder code (control characters, bidirectional overrides: CVE-2021-42574) are made visible. Time is bounded; what
was left out is said. Pure: no Django, no I/O.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from annotations.diff_cells import MOST_CHARACTERS_A_LINE
from annotations.diff_rows import Fold, Hunk, Moves, Row, find_moves, table_blocks, with_context
from annotations.diff_table import MOST_ROWS_FETCHED, Mode, Pricing, Sides, Table
from annotations.highlighting import MOST_CHARACTERS, ColouredText
from annotations.matching import Matching, Opcode, match
from annotations.word_marks import WordMarks

MOST_LINES = 20_000  # a side; beyond, lines are not compared
MOST_CHANGED_ROWS = 5_000
MOST_CHANGED_CHARACTERS = 500_000


@dataclass(frozen=True)
class DiffHtml:
    """A rendered comparison.

    `html` is one `<table>`. `added` and `removed` count lines, `moved` those that were only put elsewhere, `hunks` the
    places with changes. `degraded_note` says in a sentence what was left out or only approximated; empty where nothing
    was.
    """

    html: str
    added: int
    removed: int
    moved: int
    hunks: int
    degraded_note: str


def render_diff(
    before: str,
    after: str,
    *,
    path: str,
    mode: Mode,
    sprite_url: str = "",
    ignore_whitespace: bool = False,
    bought: Pricing | None = None,
) -> DiffHtml:
    """Compare two documents (LF line breaks) of the file `path`, whose name picks the language.

    `sprite_url` is where the icons are; without it the fold rows have none. With `ignore_whitespace` a line that
    differs in white space alone is unchanged. `bought` says what the edits of a changed place bought. At most about
    1.5 s whatever the texts are.
    """
    matching, note = compare_lines(before, after, ignore_whitespace=ignore_whitespace)
    lines_before, lines_after = split_lines(before), split_lines(after)
    moves = find_moves(matching.opcodes, lines_before, lines_after)
    sides, colours_note = _sides(before, after, path, lengths=(len(lines_before), len(lines_after)))
    sides.differ_where_equal = ignore_whitespace
    words = WordMarks()
    blocks = table_blocks(matching.opcodes, lines_before, lines_after, moves, words)
    shown, left_out = _blocks_that_fit(blocks, lines_before, lines_after)
    parts = list(with_context(shown))
    notes = [note, colours_note, f"{left_out:,} further changed rows are not shown." if left_out else ""]
    degraded_note = " ".join(filter(None, notes))
    return DiffHtml(
        html=Table(mode, sides, words, moves, sprite_url, bought).render(parts, degraded_note),
        added=sum(code.j2 - code.j1 for code in matching.opcodes if code.tag != "equal"),
        removed=sum(code.i2 - code.i1 for code in matching.opcodes if code.tag != "equal"),
        moved=len(moves.to),
        hunks=sum(isinstance(part, Hunk) for part in parts),
        degraded_note=degraded_note,
    )


def render_unchanged(
    before: str, after: str, *, path: str, mode: Mode, first_before: int, first_after: int, count: int
) -> str:
    """The rows of a fold that is expanded: `count` lines from these two on (counted from 0), at most 2,000 of them.

    Raises IndexError where a side has no such lines.
    """
    lengths = len(split_lines(before)), len(split_lines(after))
    count = min(count, MOST_ROWS_FETCHED)
    if (
        min(first_before, first_after, count) < 0
        or first_before + count > lengths[0]
        or first_after + count > lengths[1]
    ):
        raise IndexError("There are no such lines.")
    sides, _ = _sides(before, after, path, lengths=lengths)
    sides.differ_where_equal = True
    return Table(mode, sides, WordMarks(), Moves(), "").rows(Fold(first_before, first_after, count).rows(0, count))


def render_binary_diff(before: bytes | None, after: bytes | None, *, path: str, mode: Mode) -> DiffHtml:
    """The same table for a file that is not text: one row that tells the sizes. None: there is no such file."""
    sizes = ["no file" if content is None else f"{len(content):,} bytes" for content in (before, after)]
    change = f"{sizes[0]} before, {sizes[1]} now" if before != after else f"unchanged, {sizes[1]}"
    note = f"{path} is not text: {change}."
    nothing = ColouredText("", "")
    table = Table(mode, Sides(nothing, nothing, lengths=(0, 0)), WordMarks(), Moves(), "")
    return DiffHtml(table.render([], note), added=0, removed=0, moved=0, hunks=int(before != after), degraded_note=note)


@lru_cache(maxsize=32)
def compare_lines(before: str, after: str, *, ignore_whitespace: bool = False) -> tuple[Matching, str]:
    """Opcodes over the lines of both texts (`split_lines`), and a sentence where they are not the best there are.

    Remembered for the last 32: the list of changed files and the table of one of them ask the same.
    """
    lines_before, lines_after = split_lines(before), split_lines(after)
    if ignore_whitespace:
        lines_before, lines_after = (["".join(line.split()) for line in lines] for lines in (lines_before, lines_after))
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


def _sides(before: str, after: str, path: str, *, lengths: tuple[int, int]) -> tuple[Sides, str]:
    """Both sides with their colours, and a sentence where they have none."""
    language = path if max(lengths) <= MOST_LINES else ""
    sides = Sides(ColouredText(before, language), ColouredText(after, language), lengths=lengths)
    large = max(len(before), len(after)) > MOST_CHARACTERS
    return sides, f"Files of more than {MOST_CHARACTERS:,} characters are shown without colours." if large else ""


def _blocks_that_fit(
    blocks: Sequence[Fold | list[Row]], before: list[str], after: list[str]
) -> tuple[list[Fold | list[Row]], int]:
    """The first blocks, up to as much change as a page can hold, and how many changed rows that leaves out."""
    shown: list[Fold | list[Row]] = []
    changed = characters = 0
    for block in blocks:
        if isinstance(block, Fold):
            shown.append(block)
            continue
        for index, row in enumerate(block):
            if row.before is not None:
                characters += min(len(before[row.before]), MOST_CHARACTERS_A_LINE)
            if row.after is not None:
                characters += min(len(after[row.after]), MOST_CHARACTERS_A_LINE)
            if changed + index == MOST_CHANGED_ROWS or characters > MOST_CHANGED_CHARACTERS:
                shown += [block[:index]] if index else []
                return shown, sum(len(rows) for rows in blocks if not isinstance(rows, Fold)) - changed - index
        changed += len(block)
        shown.append(block)
    return shown, 0
