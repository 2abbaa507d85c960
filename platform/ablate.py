"""``python -m platform.ablate``: train and test the rows of an ablation suite."""

from smfnet.cli.ablate import main

if __name__ == "__main__":
    raise SystemExit(main())
