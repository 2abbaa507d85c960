"""``python -m platform.store``: look into the store of trained stages and tidy it."""

from assay.cli.store import main

if __name__ == "__main__":
    raise SystemExit(main())
