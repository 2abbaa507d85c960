"""Which conventions made a row of numbers: what evaluators of the field disagree in, tried out on the images."""

from smfnet.conventions.contrast import CONTRAST
from smfnet.conventions.convention import CDDFUSE, PAPER, VIFB, Convention
from smfnet.conventions.errors import ERRORS
from smfnet.conventions.information import INFORMATION
from smfnet.conventions.structure import STRUCTURE

__all__ = ["CONVENTIONS", "EVALUATORS", "Convention"]

CONVENTIONS: tuple[Convention, ...] = (*CONTRAST, *ERRORS, *INFORMATION, *STRUCTURE)
EVALUATORS = (PAPER, CDDFUSE, VIFB)
