"""What a benchmark returns: a table for people and an object for programs."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
import json

type Figure = str | int | float | bool | None
type Figures = Mapping[str, "Figure | Figures | Sequence[Figures | Figure]"]


@dataclass(frozen=True, kw_only=True)
class Table:
    """`rows` of cells below `columns`."""

    columns: Sequence[str]
    rows: Sequence[Sequence[Figure]]

    def text(self) -> str:
        """Return the rows as text, columns aligned."""
        cells = [list(self.columns), *([_text(cell) for cell in row] for row in self.rows)]
        widths = [max(len(row[column]) for row in cells) for column in range(len(self.columns))]
        lines = [
            "  ".join(
                cell.rjust(width) if column else cell.ljust(width)
                for column, (cell, width) in enumerate(zip(row, widths, strict=True))
            )
            for row in cells
        ]
        return "\n".join([lines[0], "  ".join("-" * width for width in widths), *lines[1:]])


@dataclass(frozen=True, kw_only=True)
class Report(Table):
    """Figures of one run: a table, those `further` below it, and `data`, the same as one JSON object."""

    data: Figures
    further: Sequence[Table] = ()
    exit_code: int = 0

    def table(self) -> str:
        """Return the tables as text."""
        return "\n\n".join(table.text() for table in (self, *self.further))

    def json(self) -> str:
        """Return the figures as one line of JSON."""
        return json.dumps(self.data)


def _text(cell: Figure) -> str:
    """Return a cell as a person reads it."""
    if cell is None:
        return "-"
    return (
        f"{cell:.3g}"
        if isinstance(cell, float) and abs(cell) < 100
        else f"{cell:.0f}"
        if isinstance(cell, float)
        else str(cell)
    )
