"""What the trainings of a named preset varied by, for plans of which the storage knows nothing yet."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from assay.config.changes import difference
from assay.config.errors import UserError
from assay.config.root import RootConfig
from assay.config.section import fields_of
from assay.store.run.folder import RESULTS
from assay.store.tables import read_table

if TYPE_CHECKING:
    import pandas as pd

    from assay.study import Study

__all__ = ["Pilot", "pilot_of"]

_GROUP = "preset"


@dataclass(frozen=True)
class Pilot:
    """Results of an ablation by a preset as it is.

    Attributes:
        preset: its name.
        values: one line per row x seed x sample (`image`) x metric, of trained rows.
    """

    preset: str
    values: pd.DataFrame

    @property
    def trained(self) -> int:
        """Number of trainings."""
        return int(self.values.groupby(["row", "seed"]).ngroups)

    def changed(self, study: Study, config: RootConfig) -> tuple[str, ...]:
        """Paths of what a configuration has otherwise than the preset, as far as it moves results."""
        plain = study.schema.compose([f"{_GROUP}={self.preset}"])
        fields = fields_of(plain)
        aside = (study.device, *(path for path in fields if path.split(".")[0] in RootConfig.__dataclass_fields__))
        paths = difference(plain, config)
        return tuple(path for path in paths if path not in aside and fields[path].metadata.get("decides", True))


def pilot_of(study: Study, choices: Mapping[str, str]) -> Pilot | None:
    """The pilot of the preset that was chosen, `PRESET.parquet` in `study.pilots`; None if there is none.

    Raises:
        UserError: it cannot be read.
    """
    known = {path.stem: path for path in study.pilots.glob("*.parquet")} if study.pilots else {}
    if (path := known.get(choices.get(_GROUP, ""))) is None:
        return None
    try:
        return Pilot(path.stem, read_table(path, RESULTS))
    except ValueError as error:
        raise UserError(f"{path} is no pilot ({error}): write it with python -m analysis.pilot") from error
