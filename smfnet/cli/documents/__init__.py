"""What SMFNet's own commands print with `--json`."""

from collections.abc import Mapping, Sequence

from assay.documents.envelope import Result
from assay.documents.schema import RESULTS as OF_THE_ENGINE
from smfnet.cli.documents.conventions import Conventions
from smfnet.cli.documents.images import Detected, Evaluated, Fused, GalleryPage
from smfnet.cli.documents.sets import DataChecked, DataFound, DataLayout, DataSets

__all__ = ["RESULTS"]

RESULTS: Mapping[str, Sequence[type[Result]]] = {
    **OF_THE_ENGINE,
    "fuse": (Fused,),
    "evaluate": (Evaluated,),
    "gallery": (GalleryPage,),
    "conventions": (Conventions,),
    "tasks": (Detected, *OF_THE_ENGINE["ablate"]),
    "data": (DataSets, DataLayout, DataChecked, DataFound),
}
