"""Image files: damaged, of another kind than their name says, of odd sizes and depths, or no files at all."""

from __future__ import annotations

import io
import shutil
import struct
import zlib
from collections.abc import Callable
from pathlib import Path

import numpy as np
from PIL import Image

from tests.fuzz.attempt import Attempt
from tests.fuzz.scene import Scene
from tests.fuzz.world import PAIRS, TINY

__all__ = ["images"]

_EPS = b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 40 32\n%%EndComments\n(x) show\n%%EOF\n"
_SOURCES = ("--ir", "pairs/ir", "--vi", "pairs/vi")
_ENCODED = ("PNG", "JPEG", "BMP", "TIFF", "GIF", "WEBP", "PPM", "ICO", "TGA", "AVIF", "JPEG2000")
_MODES = ("1", "L", "LA", "P", "RGB", "RGBA", "CMYK", "YCbCr", "HSV", "I", "F", "I;16")


def images(scene: Scene) -> Attempt:
    """One to three wrong files among four pairs, fused, measured, or given as a data set."""
    chance = scene.chance
    scene.copy("pairs", "run") if chance.random() < 0.5 else scene.copy("pairs")
    for _ in range(chance.choice((1, 1, 3))):
        path = scene.folder / "pairs" / chance.choice(("ir", "vi", "fused")) / f"{chance.choice(PAIRS)}.png"
        chance.choice(_WRONG)(scene, path)
    if (scene.folder / "run").is_dir():
        words = ["run", chance.choice(("max", "max", "ours")), *_SOURCES, "--output", "out", *_range(scene)]
        return Attempt("fuse", [*words, f"--storage={scene.world / 'store'}"], ("out",))
    if chance.random() < 0.3:
        return Attempt("data", ["check", "tno", "--root", "pairs"])
    if chance.random() < 0.7:
        words = [*_SOURCES, "--fused", "pairs/fused", "--csv", "out/x.csv", *_range(scene)]
        return Attempt("evaluate", words, ("out",))
    folders = ("data=folder", "data.root=.", "data.train=[pairs]", "data.test=[pairs]", "data.val_pairs=0")
    return Attempt("ablate", ["max" if chance.random() < 0.1 else "ours", "--plan", *TINY, *folders], ("runs",))


def _range(scene: Scene) -> list[str]:
    if scene.chance.random() < 0.8:
        return []
    return [f"--{scene.chance.choice(('ir', 'vi'))}-range={scene.chance.choice(('0:255', '7200:7300', scene.odd()))}"]


def _damage(scene: Scene, path: Path) -> None:
    if not path.is_file() or path.is_symlink():
        return
    if scene.chance.random() < 0.6:
        path.write_bytes(_encoded(scene, "RGB", (40, 32), scene.chance.choice(_ENCODED[:4])))
    scene.damage(path)


def _remove(path: Path) -> None:
    """Whatever another mistake has left there."""
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path)
    path.unlink(missing_ok=True)


def _other_kind(scene: Scene, path: Path) -> None:
    _remove(path)
    kind = scene.chance.choice((*_ENCODED, "EPS", "text"))
    if kind in _ENCODED:
        data = _encoded(scene, scene.chance.choice(_MODES), (40, 32), kind)
    else:
        data = _EPS if kind == "EPS" else scene.text().encode("utf-8", "surrogatepass")
    suffix = scene.chance.choice((".png", ".png", ".jpg", ".TIF", ".bmp", ".webp"))
    path.with_suffix(suffix).write_bytes(data)


def _odd_size(scene: Scene, path: Path) -> None:
    _remove(path)
    size = scene.chance.choice(((1, 1), (16, 16), (17, 17), (40, 1), (1, 3000), (41, 32), (32, 40)))
    path.write_bytes(_encoded(scene, scene.chance.choice(_MODES), size, scene.chance.choice(_ENCODED[:4])))


def _promise(scene: Scene, path: Path) -> None:
    """A PNG or a BMP whose header promises more than there is."""
    _remove(path)
    sizes = (0, 1, 32, 20_000, 65_535, 2**31 - 1, 2**32 - 1)
    width, height = scene.chance.choice(sizes), scene.chance.choice(sizes)
    if scene.chance.random() < 0.3:
        header = struct.pack("<IIIIHHIIIIII", 40, width, height & 0x7FFFFFFF, 1, 24, 0, 0, 0, 0, 0, 0, 0)[:40]
        path.write_bytes(b"BM" + struct.pack("<IHHI", 100, 0, 0, 54) + header + b"\0" * 46)
        return
    depth, colour = scene.chance.choice((1, 8, 16, 3)), scene.chance.choice((0, 2, 3, 6, 9))
    chunks = (
        b"IHDR" + struct.pack(">IIBBBBB", width, height, depth, colour, 0, 0, scene.chance.choice((0, 1))),
        b"zTXt" + b"a\0\0" + zlib.compress(b"\0" * 2_000_000),
        b"IDAT" + zlib.compress(b"\0" * 3000),
        b"IEND",
    )
    framed = (struct.pack(">I", len(each) - 4) + each + struct.pack(">I", zlib.crc32(each)) for each in chunks)
    path.write_bytes(b"\x89PNG\r\n\x1a\n" + b"".join(framed))


def _odd_name(scene: Scene, path: Path) -> None:
    name = scene.text().replace("/", "_")[:60] or "x"
    if path.exists() and name not in (".", ".."):
        for kind in ("ir", "vi", "fused") if scene.chance.random() < 0.7 else ("vi",):
            source = path.parents[1] / kind / path.name
            if source.is_file():
                source.rename(source.with_name(f"{name}{scene.chance.choice(('.png', '.PNG', '', '.png.png'))}"))


def _no_file(scene: Scene, path: Path) -> None:
    if path.is_file() or path.is_symlink():
        scene.replace(path)


def _encoded(scene: Scene, mode: str, size: tuple[int, int], kind: str) -> bytes:
    """An image file; where the kind cannot have the mode, of RGB."""
    pixels = np.random.default_rng(scene.chance.randrange(99)).integers(0, 256, (size[1], size[0], 3), dtype=np.uint8)
    colour, file = Image.fromarray(pixels), io.BytesIO()
    try:
        image = Image.fromarray(pixels[..., 0].astype(np.uint16) * 30) if mode == "I;16" else colour.convert(mode)
        image.save(file, format=kind)
    except (OSError, ValueError, KeyError):
        file = io.BytesIO()
        colour.save(file, format="PNG")
    return file.getvalue()


_WRONG: tuple[Callable[[Scene, Path], None], ...] = (
    *(_damage, _damage, _damage, _other_kind, _odd_size, _promise, _odd_name, _no_file),
)
