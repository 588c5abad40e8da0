"""A table of measurements with what it was measured under, as Markdown."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass
class Table:
    """A title, what it was measured under, the columns, rows of anything that prints, and what they come to."""

    title: str
    conditions: str
    columns: tuple[str, ...]
    rows: list[tuple[str, ...]] = field(default_factory=list)
    note: str = ""

    def add(self, *cells: object) -> None:
        """Add a row; raises ValueError where it has not one cell per column."""
        if len(cells) != len(self.columns):
            raise ValueError(f"{len(cells)} cells for {len(self.columns)} columns")
        self.rows.append(tuple(str(cell) for cell in cells))

    def markdown(self) -> str:
        lines = [self.columns, tuple("---" for _ in self.columns), *self.rows]
        drawn = "\n".join(f"| {' | '.join(line)} |" for line in lines) if self.rows else ""
        return "\n\n".join(part for part in (f"### {self.title}", self.conditions, drawn, self.note) if part)
