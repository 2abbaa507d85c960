"""Tables of methods that were measured once on the same samples, beside what is in print."""

from assay.evidence.tables.methods.latex import methods_latex
from assay.evidence.tables.methods.markdown import methods_markdown
from assay.evidence.tables.methods.printed import Printed, printed_beside
from assay.evidence.tables.methods.table import MethodsTable, methods_table
from assay.evidence.tables.methods.terminal import methods_terminal

__all__ = [
    "MethodsTable",
    "Printed",
    "methods_latex",
    "methods_markdown",
    "methods_table",
    "methods_terminal",
    "printed_beside",
]
