"""A printed table of a task as a whole, to stand below ours: its rows are other methods', on other images."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pandas as pd

from smfnet.folders import published_folder

if TYPE_CHECKING:
    from rich.console import RenderableType

__all__ = ["PaperTable", "is_of", "paper_table"]

TITLE_WIDTH, NUMBER_WIDTH = 13, 9  # of a terminal's columns: a method's name, and a number or its heading
_DATA = {"table2": "M3FD", "table3": "MFNet"}
_TITLES = {
    "table2": "The paper's Table 2: AP@.5 on M3FD, detector trained anew on each method's images",
    "table3": "The paper's Table 3: IoU on MFNet, DeepLabv3+ trained anew on each method's images",
}


@dataclass(frozen=True)
class PaperTable:
    """Numbers in print.

    Attributes:
        title: what they are.
        rows: a line per method, the first column its name.
        differs: what is not as here, a sentence each.
    """

    title: str
    rows: pd.DataFrame
    differs: tuple[str, ...]

    def cells(self) -> list[list[str]]:
        """Its lines as text, the head first."""
        lines = [
            [str(line[0]), *(f"{number:.3f}" for number in line[1:])] for line in self.rows.itertuples(index=False)
        ]
        return [[str(name) for name in self.rows.columns], *lines]

    def markdown(self) -> str:
        """As Markdown."""
        head, *lines = self.cells()
        rule = ["---", *["---:"] * (len(head) - 1)]
        table = ["| " + " | ".join(line) + " |" for line in (head, rule, *lines)]
        return "\n".join([f"**{self.title}**", "", *table, "", *(f"- {text}" for text in self.differs)]) + "\n"

    def terminal(self, width: int = 100) -> RenderableType:
        """What rich prints: as many columns side by side as fit into `width`."""
        from rich.console import Group
        from rich.text import Text

        abreast, last = max(1, (width - TITLE_WIDTH) // NUMBER_WIDTH), len(self.rows.columns)
        parts = (self._part(range(first, min(first + abreast, last))) for first in range(1, last, abreast))
        title, differs = Text(self.title, style="dim italic"), (Text(f"· {text}", style="dim") for text in self.differs)
        return Group(title, *parts, *differs)

    def _part(self, places: Sequence[int]) -> RenderableType:
        from rich import box
        from rich.table import Table
        from rich.text import Text

        head, *lines = self.cells()
        drawn = Table(box=box.SIMPLE_HEAD, pad_edge=False, padding=(0, 1, 0, 0), style="dim")
        drawn.add_column(Text(head[0]))
        for place in places:
            drawn.add_column(Text(head[place]), justify="right", no_wrap=True)
        for line in lines:
            drawn.add_row(Text(line[0]), *(Text(line[place]) for place in places))
        return drawn

    def latex(self) -> str:
        """As a LaTeX table (package booktabs)."""
        head, *lines = (" & ".join(line) + r" \\" for line in self.cells())
        body = [r"\toprule", head, r"\midrule", *lines, r"\bottomrule"]
        told = f"{self.title}. {' '.join(self.differs)}".replace("%", r"\%").replace("_", r"\_")
        begin = [r"\begin{table*}", r"\centering", rf"\caption{{{told}}}"]
        columns = rf"\begin{{tabular}}{{l{'r' * (len(self.rows.columns) - 1)}}}"
        return "\n".join([*begin, columns, *body, r"\end{tabular}", r"\end{table*}"]) + "\n"


def is_of(name: str, data: str) -> bool:
    """Whether a printed table is of a data set; MSRS is made of MFNet's images, and is another set."""
    return _DATA[name].casefold() == data.casefold()


def paper_table(name: str, data: str, differs: tuple[str, ...]) -> PaperTable:
    """A table as it is printed.

    Args:
        name: `table2` or `table3`.
        data: name of the data set that ours, above it, is of.
        differs: what is not as in ours besides, a sentence each.

    Raises:
        UserError: the printed tables are not there.
    """
    other = f"It is of {_DATA[name]}, and the table above of {data.upper()}: no number of it stands beside one there."
    told = differs if is_of(name, data) else (other, *differs)
    return PaperTable(_TITLES[name], pd.read_csv(published_folder() / f"{name}.csv"), told)
