"""``python -m platform.export``: a run as one file that works elsewhere."""

from smfnet.cli.export import main

if __name__ == "__main__":
    raise SystemExit(main())
