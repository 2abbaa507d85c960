"""Which data sets are known by name: where each comes from, under which terms, and how its folders are called."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from assay.config.errors import UserError, unknown

__all__ = ["KNOWN", "KnownSet", "Layout", "Place", "known_set"]


@dataclass(frozen=True)
class Place:
    """Where the pairs of a part are, and how many there are in the whole set.

    Attributes:
        part: `train`, `test`, or `all` where the set has no split of its own.
        ir, vi: folders, seen from that of the set.
        pairs: how many; None where copies differ.
        names: a list that comes with the package and has their names, or None.
    """

    part: str
    ir: str
    vi: str
    pairs: int | None = None
    names: str | None = None


@dataclass(frozen=True)
class Layout:
    """A way in which the folders of a set are called.

    Attributes:
        by: who calls them so.
        places: of its parts.
    """

    by: str
    places: tuple[Place, ...]


@dataclass(frozen=True)
class KnownSet:
    """A published data set.

    Attributes:
        name: what a user types.
        title: what it is, in words.
        folder: its own below data.root where several sets are used together.
        layouts: the platform's first.
        split: what is trained on and what is tested on, in words.
        home: where it is published.
        repository: what `get` clones; None where it must be fetched by hand.
        terms: what its authors say of its use.
        citation: whom to cite.
        presets: `data=` that take it, each with the folder that data.root is, seen from that of the set.
        suite: words of a command that name the suite whose printed table is of this set, with a space after them.
    """

    name: str
    title: str
    folder: str
    layouts: tuple[Layout, ...]
    split: str
    home: str
    repository: str | None
    terms: str
    citation: str
    presets: Mapping[str, str]
    suite: str = ""

    @property
    def repository_folder(self) -> str:
        """What a clone is called: the collection of Harvard is one for three sets."""
        return self.folder.partition("/")[0]


_OURS = "this platform"


def _ours(*places: Place) -> Layout:
    return Layout(_OURS, places)


def _harvard(kind: str, test: int) -> KnownSet:
    """MRI and images of another kind."""
    name, large = f"harvard_{kind}", kind.upper()
    ours = _ours(
        Place("train", "train/mri", f"train/{kind}"),
        Place("test", "test/mri", f"test/{kind}", test),
    )
    collection = Layout("xianming-gu", (Place("all", f"{large}-MRI/MRI", f"{large}-MRI/{large}"),))
    cddfuse = Layout("CDDFuse", (Place("test", f"MRI_{large}/MRI", f"MRI_{large}/{large}", test),))
    return KnownSet(
        name,
        f"Harvard MRI and {large}: registered slices of brains, 256x256",
        f"harvard/{kind}",
        (ours, collection, cddfuse),
        f"no official one; CDDFuse and its successors test on {test} pairs (the paper says {test - 1}); slices of one "
        "patient belong on one side",
        "https://www.med.harvard.edu/AANLIB/home.html",
        "https://github.com/xianming-gu/Havard-Medical-Image-Fusion-Datasets",
        "none stated: research use",
        "The Whole Brain Atlas (K. A. Johnson, J. A. Becker, Harvard Medical School)",
        {name: "../.."},
        "--suite table4 ",
    )


_SETS = (
    KnownSet(
        "roadscene",
        "RoadScene: streets by day and night, 221 pairs",
        "roadscene",
        (
            _ours(
                Place("train", "train/ir", "train/vi", 161, "roadscene_train.txt"),
                Place("test", "test/ir", "test/vi", 50, "roadscene_test.txt"),
            ),
            Layout("hanna-xu/RoadScene", (Place("all", "cropinfrared", "crop_LR_visible", 221),)),
        ),
        "no official one; lists of 161 and 50 names come with this platform, the 50 being those that CDDFuse tests on",
        "https://github.com/hanna-xu/RoadScene",
        "https://github.com/hanna-xu/RoadScene",
        "none stated: research use; the images are from FLIR's video",
        "H. Xu et al., FusionDN, AAAI 2020, or U2Fusion, IEEE TPAMI 44, 2022",
        {"roadscene_original": ".", "roadscene": ".", "road_and_msrs": ".."},
    ),
    KnownSet(
        "tno",
        "TNO: military scenes, grey",
        "tno",
        (
            _ours(Place("test", "test/ir", "test/vi", 25)),
            Layout("CDDFuse", (Place("test", "ir", "vi", 25),)),
            Layout("DenseFuse", (Place("test", "IR", "VIS"),)),
        ),
        "none: it is tested on alone, mostly on 20, 21, 25 or 42 pairs of it",
        "https://figshare.com/articles/dataset/TNO_Image_Fusion_Dataset/1008029",
        None,
        "see the page of the data set",
        "A. Toet, The TNO multiband image data collection, Data in Brief 15, 2017",
        {"tno": ".."},
    ),
    KnownSet(
        "msrs",
        "MSRS: streets by day and night, 640x480, 1444 pairs",
        "msrs",
        (_ours(Place("train", "train/ir", "train/vi", 1083), Place("test", "test/ir", "test/vi", 361)),),
        "official: 1083 to train on, 361 to test on; in names D is day, N is night",
        "https://github.com/Linfeng-Tang/MSRS",
        "https://github.com/Linfeng-Tang/MSRS",
        "none stated: research use; made of MFNet (University of Tokyo)",
        "L. Tang et al., PIAFusion, Information Fusion 83-84, 2022",
        {"msrs": ".", "road_and_msrs": ".."},
    ),
    KnownSet(
        "m3fd",
        "M3FD: roads, campus and night with boxes for detection, 1024x768, 4200 pairs (and 300 for fusion)",
        "m3fd",
        (
            _ours(Place("train", "train/ir", "train/vi"), Place("test", "test/ir", "test/vi")),
            Layout("TarDAL, detection", (Place("all", "M3FD_Detection/Ir", "M3FD_Detection/Vis", 4200),)),
            Layout("TarDAL, fusion", (Place("test", "M3FD_Fusion/Ir", "M3FD_Fusion/Vis", 300),)),
            Layout("TarDAL, unpacked", (Place("all", "Ir", "Vis"),)),
        ),
        "no official one of the 4200; the 300 for fusion are tested on",
        "https://github.com/JinyuanLiu-CV/TarDAL",
        None,
        "none stated: research use",
        "J. Liu et al., Target-aware dual adversarial learning, CVPR 2022",
        {"folder": "."},
    ),
    KnownSet(
        "llvip",
        "LLVIP: streets at night with boxes of people, 1280x1024, 15488 pairs",
        "llvip",
        (
            _ours(Place("train", "train/ir", "train/vi", 12025), Place("test", "test/ir", "test/vi", 3463)),
            Layout(
                "LLVIP",
                (
                    Place("train", "infrared/train", "visible/train", 12025),
                    Place("test", "infrared/test", "visible/test", 3463),
                ),
            ),
        ),
        "official: 12025 to train on, 3463 to test on",
        "https://bupt-ai-cz.github.io/LLVIP/",
        None,
        "not for commercial purposes; its own licence must be agreed to",
        "X. Jia et al., LLVIP, ICCV Workshops 2021",
        {"folder": "."},
    ),
    _harvard("ct", 21),
    _harvard("pet", 42),
    _harvard("spect", 73),
    KnownSet(
        "vifb",
        "VIFB: a benchmark of 21 pairs of many cameras",
        "vifb",
        (
            _ours(Place("test", "test/ir", "test/vi", 21)),
            Layout("xingchenzhang/VIFB", (Place("test", "input/IR", "input/VI", 21),)),
        ),
        "none: it is tested on alone",
        "https://github.com/xingchenzhang/VIFB",
        "https://github.com/xingchenzhang/VIFB",
        "made public for research",
        "X. Zhang et al., VIFB, CVPR Workshops 2020",
        {},
    ),
)
KNOWN: Mapping[str, KnownSet] = {each.name: each for each in _SETS}


def known_set(name: str) -> KnownSet:
    """The data set of a name, in any case and with - for _.

    Raises:
        UserError: there is none.
    """
    plain = name.strip().lower().replace("-", "_")
    if plain == "harvard":
        raise UserError("harvard is three data sets: say harvard_ct, harvard_pet or harvard_spect")
    if plain not in KNOWN:
        raise unknown("data set", name, KNOWN)
    return KNOWN[plain]
