"""The classes of MFNet's and MSRS's labels."""

from __future__ import annotations

from assay.metric import Metric

__all__ = ["CLASSES", "FEWEST_PICTURES", "MEANS", "METRICS", "UNKNOWN"]

CLASSES = ("Unlabel", "Car", "Person", "Bike", "Curve", "Stop", "Guardrail", "Cone", "Bump")
"""By the number that a label has, called as in the paper's Table 3, which has no column for the guardrail."""

UNKNOWN = 255  # of a label that is none of these: such pixels are neither learned from nor counted
FEWEST_PICTURES = 2  # of a class in the test split: with one picture nobody knows what another would have given

MEANS = ("mAcc", "mIoU")
_ACC = "mean share of each class's pixels that are found, over the same classes"
_IOU = "mean over the classes, the unlabelled among them, as the paper's rows add up"
METRICS = (
    *(Metric(name, convention="IoU over all pixels of the split", decimals=3) for name in CLASSES),
    *(Metric(name, convention=told, decimals=3) for name, told in zip(MEANS, (_ACC, _IOU), strict=True)),
)
