"""``python -m platform.data``: published data sets by name."""

from smfnet.cli.data import main

if __name__ == "__main__":
    raise SystemExit(main())
