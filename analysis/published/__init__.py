"""The paper's tables as objects: the printed numbers, and the convention that each metric follows."""

from analysis.published.printed import Convention, PublishedTable, conventions, published_table

__all__ = ["Convention", "PublishedTable", "conventions", "published_table"]
