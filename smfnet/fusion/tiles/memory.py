"""How much memory there is, and how much some work would hold."""

from __future__ import annotations

import ctypes
import os
import re
import sys
import weakref
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import torch
from torch import Tensor
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils._pytree import tree_leaves

from assay.config.errors import UserError

__all__ = ["bytes_of", "free_memory", "give_back", "held", "most_held", "shown"]

_UNITS = {"": 0, "K": 1, "M": 2, "G": 3, "T": 4}
_SIZE = re.compile(r"\s*(\d+(?:\.\d*)?)\s*([KMGT]?)(?:i?B)?\s*", re.IGNORECASE)
_LIMITS = ("/sys/fs/cgroup/memory.max", "/sys/fs/cgroup/memory/memory.limit_in_bytes")


def bytes_of(text: str, key: str) -> int:
    """`4GiB`, `4G`, `4096MiB` (1 KiB = 1024 bytes, and so is 1 KB) or a number of bytes.

    Raises:
        UserError: it is something else.

    Example:
        >>> bytes_of("1.5GiB", "--memory")
        1610612736
    """
    found = _SIZE.fullmatch(text)
    size = int(float(found[1]) * 1024 ** _UNITS[found[2].upper()]) if found else 0
    if size <= 0:
        raise UserError(f"{key}: expected a size such as 4GiB or 900MiB; got {text!r}")
    return size


def shown(size: float) -> str:
    """`4.0 GiB`, or `900 MiB`."""
    return f"{size / 2**30:.1f} GiB" if size >= 2**30 else f"{size / 2**20:.0f} MiB"


def free_memory(device: torch.device) -> int:
    """Bytes that this process may still take, by what the machine, or a container, says now."""
    if device.type == "cuda":
        free, _ = torch.cuda.mem_get_info(device)
        return int(free) + torch.cuda.memory_reserved(device) - torch.cuda.memory_allocated(device)
    limits = [int(text) for path in _LIMITS if (text := _text(path).strip()).isdigit()]
    return min(_available(), *(limit - held() for limit in limits)) if limits else _available()


def held() -> int:
    """Bytes that this process holds in memory; 0 where the system does not tell."""
    fields = _text("/proc/self/statm").split()
    return int(fields[1]) * os.sysconf("SC_PAGE_SIZE") if len(fields) > 1 else 0


def give_back() -> None:
    """Let the system have what is freed, which glibc keeps for later: pieces of many sizes would fill the memory."""
    trim = getattr(ctypes.CDLL(None), "malloc_trim", None) if sys.platform == "linux" else None
    if trim is not None:  # other libraries do so themselves, or have no way to
        trim(0)


def _available() -> int:
    found = re.search(r"MemAvailable:\s+(\d+) kB", _text("/proc/meminfo"))
    if found:
        return int(found[1]) * 1024
    if sys.platform == "win32":
        return 4 << 30
    return os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE") // 2


def _text(path: str) -> str:
    try:
        return Path(path).read_text(encoding="ascii")
    except OSError:
        return ""


def most_held(work: Callable[[], object]) -> int:
    """Most bytes of tensors that some work holds at one time; it works on the device `meta`, without any numbers."""
    with torch.inference_mode(), _Held() as count:
        work()
    return count.most


class _Held(TorchDispatchMode):
    """Counts the storages that operations make, until they are gone."""

    def __init__(self) -> None:
        super().__init__()
        self.now = self.most = 0
        self._known: set[int] = set()

    def __torch_dispatch__(
        self, func: Any, types: Any, args: tuple[Any, ...] = (), kwargs: Mapping[str, Any] | None = None
    ) -> Any:
        out = func(*args, **(kwargs or {}))
        for tensor in tree_leaves(out):
            if isinstance(tensor, Tensor):
                self._hold(tensor.untyped_storage())
        return out

    def _hold(self, storage: torch.UntypedStorage) -> None:
        if storage._cdata in self._known:
            return
        self._known.add(storage._cdata)
        self.now += storage.nbytes()
        self.most = max(self.most, self.now)
        weakref.finalize(storage, self._gone, storage._cdata, storage.nbytes())

    def _gone(self, key: int, size: int) -> None:
        self._known.discard(key)
        self.now -= size
