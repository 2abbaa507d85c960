"""``python -m platform.fuse``: fuse your own image pairs."""

from smfnet.cli.fuse import main

if __name__ == "__main__":
    raise SystemExit(main())
