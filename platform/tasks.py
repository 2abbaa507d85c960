"""``python -m platform.tasks``: read fused images by a detector or a segmentation network."""

from smfnet.cli.tasks import main

if __name__ == "__main__":
    raise SystemExit(main())
