"""``python -m platform.report``: rebuild the reports from stored results."""

from assay.cli.report import main

if __name__ == "__main__":
    raise SystemExit(main())
