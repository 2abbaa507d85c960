"""How many trials a GPU takes at once, where nobody said so: by its memory, and by how busy one trial keeps it."""

from __future__ import annotations

import gc
import math
from dataclasses import dataclass
from typing import Any

from assay.config.errors import UserError
from assay.stage import Cost
from assay.study import TEST, Study

__all__ = ["GPUShare", "proposed"]

# Beside what training holds: the driver's own memory of a process, what libraries work in, and what measuring takes.
_BESIDE_BYTES = 2 * 2**30
_OF_MEMORY = 0.9  # more would leave nothing to a row that is larger than the base
# A trial also starts, reads, measures and writes: for about half of its time somebody else may have the GPU.
_TRAINING = 0.5


@dataclass(frozen=True)
class GPUShare:
    """What one trial takes of a GPU.

    Attributes:
        fit: trials whose memory a GPU has.
        wanted: trials that keep it busy.
        busy: share of a training step in which a GPU computes.
    """

    fit: int
    wanted: int
    busy: float

    @classmethod
    def of(cls, costs: list[Cost], free: int) -> GPUShare:
        """From what stages of a trial take, and the bytes of a GPU that are free.

        Raises:
            UserError: not even one fits.
        """
        memory, busy = max(cost.memory for cost in costs) + _BESIDE_BYTES, max(cost.busy for cost in costs)
        fit = math.floor(_OF_MEMORY * free / memory)
        if not fit:
            raise UserError(
                f"a trial would take about {memory / 2**30:.1f} GiB of the GPU, of which {free / 2**30:.1f} are free: "
                "expected room for one; make the batch or the patches smaller, or give cluster.gpus a number"
            )
        return cls(fit, math.ceil(1 / (_TRAINING * busy)), busy)

    @property
    def trials(self) -> int:
        """At once."""
        return min(self.fit, self.wanted)

    @property
    def gpus(self) -> float:
        """The share as `cluster.gpus` has it, of which exactly so many fit on one; Ray counts in ten thousandths."""
        return 1.0 if self.trials == 1 else math.floor(10_000 / self.trials) / 10_000

    @property
    def line(self) -> str:
        """What was found and chosen."""
        return (
            f"cluster.gpus={self.gpus:g}: {self.trials} trial(s) a GPU; there is memory for {self.fit}, and one keeps "
            f"the GPU busy for {self.busy:.0%} of a training step"
        )


def proposed(study: Study, config: Any) -> GPUShare | None:
    """Try a few steps of every stage of a configuration whose `cluster.gpus` is null; None if there is nothing to try.

    Raises:
        UserError: no trial fits, or this machine, where steps would be tried, has no GPU.
    """
    import torch

    if config.cluster.gpus is not None or study.device_of(config) != "cuda":
        return None
    if not torch.cuda.is_available():
        raise UserError(
            "cluster.gpus=null has a few steps tried on a GPU of this machine, which has none: expected a number, "
            "as in cluster.gpus=0.25 for four trials on each GPU of the cluster"
        )
    costs = [study.probe(config, stage) for stage in study.stages(config, config.seed, TEST)]
    gc.collect()
    torch.cuda.empty_cache()
    known = [cost for cost in costs if cost]
    free, _ = torch.cuda.mem_get_info()
    return GPUShare.of(known, free) if known else None
