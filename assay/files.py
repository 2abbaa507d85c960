"""Files as the engine writes and names them, for studies that have files of their own."""

from assay.store.disk.atomic import write_bytes, write_text
from assay.store.disk.once_a_node import NodeArrays, once_a_node
from assay.store.disk.written import wrote
from assay.store.received.names import check_unicode, nfc

__all__ = ["NodeArrays", "check_unicode", "nfc", "once_a_node", "write_bytes", "write_text", "wrote"]
