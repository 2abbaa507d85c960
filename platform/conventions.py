"""``python -m platform.conventions``: which evaluator made this row."""

from smfnet.cli.conventions import main

if __name__ == "__main__":
    raise SystemExit(main())
