"""``python -m platform.search``: tune hyperparameters."""

from smfnet.cli.search import main

if __name__ == "__main__":
    raise SystemExit(main())
