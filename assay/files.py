"""Files as the engine writes and names them, for studies that have files of their own."""

from assay.store.atomic import write_bytes, write_text
from assay.store.names import check_unicode, nfc
from assay.store.once_a_node import NodeArrays, once_a_node
from assay.store.written import wrote

__all__ = ["NodeArrays", "check_unicode", "nfc", "once_a_node", "write_bytes", "write_text", "wrote"]
