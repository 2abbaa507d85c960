"""``python -m platform.search``: tune hyperparameters."""

from assay.cli.search import main

if __name__ == "__main__":
    raise SystemExit(main())
