"""``python -m platform.view``: look at runs, searches and stores in a browser."""

from assay.cli.view import main

if __name__ == "__main__":
    raise SystemExit(main())
