"""Generated pairs look like the real thing in what matters."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from scipy.ndimage import gaussian_filter, sobel

from smfnet.config.data import DataConfig, ScenesConfig
from smfnet.data import patches, training_pairs
from smfnet.data.images import luma
from smfnet.data.scenes import ScenePair, scene_pairs
from smfnet.data.scenes.canvas import Camera, Canvas
from smfnet.data.scenes.noise import Texture, fractal
from smfnet.data.scenes.sensors import infrared, visible
from smfnet.data.scenes.street import Climate
from smfnet.data.scenes.things import Things

CONFIG = ScenesConfig(train_pairs=12, test_pairs=6, height=96, width=128)


@pytest.fixture(scope="module")
def scenes() -> tuple[ScenePair, ...]:
    return scene_pairs(CONFIG, "train", 0)


def edges(image: np.ndarray) -> np.ndarray:
    smooth = gaussian_filter(image.astype(float), 1)
    strength: np.ndarray = np.hypot(sobel(smooth, 0), sobel(smooth, 1))
    return strength


def test_the_same_seed_gives_the_same_pixels(scenes: tuple[ScenePair, ...]) -> None:
    from smfnet.data.scenes import pairs

    again = pairs._images.__wrapped__(scenes[3].key, 96, 128)
    for first, second in zip(scenes[3].images(), again, strict=True):
        np.testing.assert_array_equal(first, second)


def test_parts_and_seeds_share_no_scene() -> None:
    parts = [scene_pairs(CONFIG, part, 4) for part in ("train", "val", "test")]
    parts.append(scene_pairs(ScenesConfig(train_pairs=12, height=96, width=128, seed=2026), "train", 0))
    digests = [pair.digest() for part in parts for pair in part]
    assert len(set(digests)) == len(digests) == 12 + 4 + 6 + 12


@pytest.mark.parametrize(("height", "width"), [(17, 17), (17, 90), (131, 40), (100, 260)])
def test_any_size(height: int, width: int) -> None:
    for pair in scene_pairs(ScenesConfig(train_pairs=4, height=height, width=width), "train", 0):
        ir, vi = pair.images()
        assert (ir.shape, vi.shape) == ((height, width), (height, width, 3))
        assert ir.dtype == vi.dtype == np.uint8
        assert ir.std() > 5


def test_day_is_brighter_than_night(scenes: tuple[ScenePair, ...]) -> None:
    medians = [np.median(pair.images()[1]) for pair in scenes]
    assert np.mean(medians[0::2]) > 2 * np.mean(medians[1::2])


def test_nights_have_lamps(scenes: tuple[ScenePair, ...]) -> None:
    nights = [luma(pair.images()[1]) for pair in scenes[1::2]]
    assert sum(night.max() > 200 and np.median(night) < 80 for night in nights) >= len(nights) / 2


def test_the_visible_image_has_colour(scenes: tuple[ScenePair, ...]) -> None:
    saturations = [np.ptp(pair.images()[1].astype(int), axis=-1).mean() for pair in scenes]
    assert min(saturations) > 2


def test_edges_are_registered(scenes: tuple[ScenePair, ...]) -> None:
    """The two images' edges agree best where they lie on each other."""
    shifts = [(dy, dx) for dy in (-6, -3, 0, 3, 6) for dx in (-6, -3, 0, 3, 6)]
    inner = (slice(8, -8), slice(8, -8))
    scores = np.zeros((len(scenes), len(shifts)))
    for row, pair in enumerate(scenes):
        ir, vi = (edges(image) for image in (pair.images()[0], luma(pair.images()[1])))
        for column, shift in enumerate(shifts):
            moved = np.roll(ir, shift, (0, 1))
            scores[row, column] = np.corrcoef(moved[inner].ravel(), vi[inner].ravel())[0, 1]
    assert shifts[scores.mean(axis=0).argmax()] == (0, 0)
    assert (scores.argmax(axis=1) == shifts.index((0, 0))).mean() > 0.6
    assert scores[:, shifts.index((0, 0))].mean() > 0.2


def test_the_images_are_not_copies_of_each_other(scenes: tuple[ScenePair, ...]) -> None:
    correlations = [np.corrcoef(p.images()[0].ravel(), luma(p.images()[1]).ravel())[0, 1] for p in scenes]
    assert np.abs(correlations).mean() < 0.7
    assert min(correlations) < 0 < max(correlations)


def test_both_sensors_are_noisy(scenes: tuple[ScenePair, ...]) -> None:
    for pair in scenes:
        for image in (pair.images()[0][:8].astype(float), luma(pair.images()[1])[:8]):
            assert np.abs(np.diff(image, axis=1)).mean() > 0.2


def test_most_patches_have_contrast() -> None:
    config = DataConfig(patch=32, stride=32, scenes=ScenesConfig(train_pairs=8))
    pairs = training_pairs(config)
    every = DataConfig(patch=32, stride=32, drop_low_contrast=False, scenes=config.scenes)
    assert len(patches(pairs, config)) > 0.7 * len(patches(pairs, every))


def scene_with_somebody(climate: Climate) -> tuple[Canvas, np.ndarray]:
    """A plain street corner with one person; also where the person is."""
    canvas = Canvas.empty(96, 128, Camera(120, 40, 64))
    canvas.paint(np.ones((96, 128), bool), np.full(3, 0.2), climate.air, 30)
    canvas.heat[:] += np.linspace(-4, 4, 128)
    before = canvas.heat.copy()
    rng = np.random.default_rng(1)
    Things(canvas, climate, Texture(rng, 0.8), rng).person(0.0, 6.0)
    return canvas, canvas.heat != before


def contrast(image: np.ndarray, where: np.ndarray) -> float:
    """Difference between a target and its surroundings, in standard deviations of the surroundings."""
    around = gaussian_filter(where.astype(float), 4) > 0.05
    outside = image[around & ~where]
    return float((image[where].mean() - outside.mean()) / outside.std())


@pytest.mark.parametrize("night", [True, False])
def test_people_are_warm(night: bool) -> None:
    climate = Climate(night, 10, 1)
    canvas, person = scene_with_somebody(climate)
    rng = np.random.default_rng(2)
    ir = infrared(canvas, np.zeros_like(canvas.heat), Texture(rng, 1.6), rng)
    assert person.sum() > 200
    assert contrast(ir, person) > 3


def test_smoke_hides_people_from_the_visible_camera_alone() -> None:
    climate = Climate(False, 10, 1)
    canvas, person = scene_with_somebody(climate)
    seen = []
    for thickness in (0.0, 0.95):
        smoke, rng = np.full_like(canvas.heat, thickness), np.random.default_rng(2)
        vi = luma(visible(canvas, climate, smoke, Texture(rng, 1.6), rng))
        seen.append((vi[person].std(), contrast(infrared(canvas, smoke, Texture(rng, 1.6), rng), person)))
    assert seen[1][0] < 0.4 * seen[0][0]
    assert seen[1][1] > 0.7 * seen[0][1]


def test_bushes_let_warmth_through() -> None:
    climate = Climate(False, 10, 0)
    canvas, person = scene_with_somebody(climate)
    colour = canvas.colour.copy()
    rng = np.random.default_rng(3)
    Things(canvas, climate, Texture(rng, 0.8), rng).bush(0.0, 5.8)
    hidden = person & (canvas.colour != colour).any(axis=-1)
    assert hidden.sum() > 0.4 * person.sum()
    assert canvas.heat[hidden].mean() > climate.air + 4


@pytest.mark.parametrize("kind", ["tree", "bush", "lamp", "car", "person"])
def test_things_out_of_sight_leave_no_trace(kind: str) -> None:
    canvas = Canvas.empty(40, 50, Camera(50, 20, 25))
    rng = np.random.default_rng(4)
    for right in (-500.0, 500.0):
        getattr(Things(canvas, Climate(True, 10, 0), Texture(rng, 0.8), rng), kind)(right, 6.0)
    assert not canvas.heat.any()
    assert not canvas.glow.any()


@pytest.mark.parametrize("kind", ["tree", "bush", "lamp", "car", "person"])
def test_near_things_are_larger(kind: str) -> None:
    areas = []
    for away in (30.0, 15.0, 8.0):
        canvas = Canvas.empty(192, 256, Camera(200, 80, 128))
        rng = np.random.default_rng(5)
        getattr(Things(canvas, Climate(True, 10, 0), Texture(rng, 0.8), rng), kind)(0.0, away)
        areas.append(int((canvas.distance < 1000).sum()))
    assert all(far < near for far, near in pairwise(areas))


@pytest.mark.parametrize("power", [0.8, 1.6])
def test_the_spectrum_of_fractal_noise_falls_with_its_power(power: float) -> None:
    rng = np.random.default_rng(6)
    amplitude = np.mean([np.abs(np.fft.fft2(fractal(rng, power))) for _ in range(16)], axis=0)
    frequency = np.hypot(np.fft.fftfreq(128)[:, None], np.fft.fftfreq(128)[None])
    inside = (frequency > 0.02) & (frequency < 0.4)
    slope = np.polyfit(np.log(frequency[inside]), np.log(amplitude[inside]), 1)[0]
    assert slope == pytest.approx(-power, abs=0.05)
    assert fractal(rng, power).std() == pytest.approx(1, rel=1e-5)
