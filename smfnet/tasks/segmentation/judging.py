"""Rows of an ablation judged by a task: what frozen readers make of the labelled pictures that a row fuses."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn

from assay.config.errors import UserError
from assay.training.precision import device_of
from smfnet.config.metrics import TASK_METRICS
from smfnet.config.root import Config
from smfnet.data.folder import FilePair, images_in
from smfnet.data.sources import look
from smfnet.data.split import split_of
from smfnet.tasks.config import ImagesConfig
from smfnet.tasks.images import in_colour
from smfnet.tasks.leave_one_out import effective_samples
from smfnet.tasks.segmentation.classes import CLASSES, FEWEST_PICTURES
from smfnet.tasks.segmentation.confusion import confusion, split_values
from smfnet.tasks.segmentation.labels import counted_in, label_folder, label_in, pictures_with, pixels_of
from smfnet.tasks.segmentation.readers import learned_from, readers_of, seen_in
from smfnet.tasks.segmentation.study import guessed
from smfnet.tasks.stacked import TEST, shrunk

__all__ = ["check_judging", "effective_pictures", "labels_digest", "labels_of", "mean_iou", "note_on_reading"]

ASKED = "metrics.tasks=[segment]"
_METRIC = TASK_METRICS["segment"].name
_TOLD = re.compile(rf"(; )?{_METRIC} of the \w+ split is the mean over [^;]*; frozen networks that read: \d+")
Image = NDArray[np.uint8]


def mean_iou(config: Config, split: str, images: Mapping[str, Image]) -> dict[str, dict[str, float]]:
    """Leave-one-out values of the mIoU of a split, the mean over the readers, by picture.

    Args:
        config: of a trial; says where readers and pictures are.
        split: `val` or `test`.
        images: name of every pair of the split -> its fused image as it would be saved, (H, W) or (H, W, 3) RGB.

    Raises:
        UserError: readers or labels are not there.
    """
    labels = {name: label_in(path) for name, path in labels_of(config, split).items()}
    counted = counted_in(pictures_with(labels_of(config, split).values()))
    device = device_of(config.train)
    found = []
    for reader in readers_of(config.metrics):
        network = reader.network.to(device)
        guesses = [_read(network, reader.images, images[name], labels[name].shape) for name in labels]
        pairs = zip(labels.values(), guesses, strict=True)
        counts = np.stack([confusion(label, guess, len(CLASSES)) for label, guess in pairs])
        found.append(split_values(counts, counted)[:, -1])
    return {name: {_METRIC: float(value)} for name, value in zip(labels, np.mean(found, axis=0), strict=True)}


def labels_of(config: Config, split: str) -> dict[str, Path]:
    """Name of every pair of a split -> its label.

    Raises:
        UserError: a pair has none.
    """
    pairs = split_of(config.data).part(split)
    if not all(isinstance(pair, FilePair) for pair in pairs):
        raise UserError(f"{ASKED} needs labelled pictures, and generated scenes have none: expected data=msrs")
    return {pair.name: _label_of(pair) for pair in pairs if isinstance(pair, FilePair)}


def labels_digest(pairs: str, config: Config, split: str) -> str:
    """A fingerprint of the pairs of a split and of their labels.

    Args:
        pairs: that of the pairs alone.
        config: of a trial.
        split: `val` or `test`.
    """
    digest = hashlib.sha256(pairs.encode())
    for label in labels_of(config, split).values():
        digest.update(hashlib.sha256(label.read_bytes()).digest())
    return digest.hexdigest()[:32]


def check_judging(config: Config, split: str) -> None:
    """Look at labels and readers before anything starts.

    Raises:
        UserError: a label or a reader is missing or damaged, no class can be counted, or a reader has learned from a
            picture that it is to judge by.
    """
    learned = {seen for reader in readers_of(config.metrics) for seen in learned_from(reader)}
    labels = labels_of(config, split)
    if labels and not counted_in(pictures_with(labels.values())):
        raise UserError(f"{ASKED}: no class is in two pictures of the {split} split")
    for pair in split_of(config.data).part(split):
        assert isinstance(pair, FilePair)  # a generated scene has no label
        if (label := label_in(labels[pair.name]).shape) != (image := look(pair.vi).size):
            raise UserError(f"{labels[pair.name]} has another size than {pair.vi}: expected {image}; got {label}")
        if seen_in(pair) in learned:
            raise UserError(f"metrics.readers: the readers have learned from the {split} picture {pair.vi}")


def note_on_reading(config: Config, split: str) -> str:
    """The note of a configuration with what a table says of its mIoU, in place of what was said of another split.

    That is which classes are in it, which are not, and how many networks read.
    """
    counted = counted_in(pictures_with(labels_of(config, split).values()))
    others = ", ".join(name for place, name in enumerate(CLASSES) if place not in counted)
    left_out = f" (left out, as in fewer than {FEWEST_PICTURES} pictures: {others})" if others else ""
    classes = ", ".join(CLASSES[place] for place in counted)
    readers = len(readers_of(config.metrics))
    told = f"{_METRIC} of the {split} split is the mean over {classes}{left_out}; frozen networks that read: {readers}"
    return "; ".join(filter(None, (_TOLD.sub("", config.note).removeprefix("; "), told)))


def effective_pictures(config: Config) -> float | None:
    """How many test pictures of equal weight mIoU rests on; None where they have no labels, which a search asks not."""
    try:
        pixels = pixels_of(labels_of(config, TEST).values())
    except UserError:
        return None
    counted = list(counted_in(dict(enumerate((pixels > 0).sum(0).tolist()))))
    return float(effective_samples(pixels[:, counted])[-1]) if counted else None


def _read(network: nn.Module, images: ImagesConfig, fused: Image, size: Sequence[int]) -> Image:
    """Class of each pixel, of the label's size."""
    small = shrunk(in_colour(fused, images.colour), images)
    with torch.inference_mode():
        return guessed(network, torch.tensor(small)[None], size)[0].numpy()


def _label_of(pair: FilePair) -> Path:
    part = pair.vi.parent.parent
    folder = label_folder(part)
    if folder is None:
        raise UserError(f"{ASKED} needs labels of {pair.vi}: expected the folder {part / 'label'}; there is none")
    label = images_in(folder).get(pair.stem)
    if label is None:
        raise UserError(f"{ASKED}: {pair.vi} has no label: expected {folder / pair.stem}.png, or leave the pair out")
    return label
