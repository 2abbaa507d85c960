"""A printed table of a task as a whole, to stand below ours: its rows are other methods', on other images."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import pandas as pd

from smfnet.folders import published_folder

if TYPE_CHECKING:
    from rich.console import RenderableType

__all__ = ["PaperTable", "paper_table"]

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

    def terminal(self) -> RenderableType:
        """What rich prints."""
        from rich import box
        from rich.console import Group
        from rich.table import Table
        from rich.text import Text

        head, *lines = self.cells()
        drawn = Table(title=Text(self.title), box=box.SIMPLE_HEAD, title_justify="left", pad_edge=False, style="dim")
        drawn.padding = (0, 1, 0, 0)
        for place, name in enumerate(head):
            drawn.add_column(Text(name), justify="right" if place else "left", no_wrap=bool(place))
        for line in lines:
            drawn.add_row(*map(Text, line))
        return Group(drawn, *(Text(f"· {text}", style="dim") for text in self.differs))

    def latex(self) -> str:
        """As a LaTeX table (package booktabs)."""
        head, *lines = (" & ".join(line) + r" \\" for line in self.cells())
        body = [r"\toprule", head, r"\midrule", *lines, r"\bottomrule"]
        told = f"{self.title}. {' '.join(self.differs)}".replace("%", r"\%").replace("_", r"\_")
        begin = [r"\begin{table*}", r"\centering", rf"\caption{{{told}}}"]
        columns = rf"\begin{{tabular}}{{l{'r' * (len(self.rows.columns) - 1)}}}"
        return "\n".join([*begin, columns, *body, r"\end{tabular}", r"\end{table*}"]) + "\n"


def paper_table(name: str, differs: tuple[str, ...]) -> PaperTable:
    """`table2` or `table3` as it is printed.

    Raises:
        UserError: the printed tables are not there.
    """
    return PaperTable(_TITLES[name], pd.read_csv(published_folder() / f"{name}.csv"), differs)
