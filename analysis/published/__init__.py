"""The paper's tables as objects: the printed numbers, and the convention that each metric follows."""

from analysis.published.printed import PAPERS_TABLE, Convention, PublishedTable, conventions, published_table

__all__ = ["PAPERS_TABLE", "Convention", "PublishedTable", "conventions", "published_table"]
