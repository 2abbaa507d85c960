"""``python -m platform.evaluate``: measure fused images."""

from smfnet.cli.evaluate import main

if __name__ == "__main__":
    raise SystemExit(main())
