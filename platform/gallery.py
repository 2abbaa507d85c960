"""``python -m platform.gallery``: look at fused images of many methods."""

from smfnet.cli.gallery import main

if __name__ == "__main__":
    raise SystemExit(main())
