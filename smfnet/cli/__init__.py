"""The commands that a person types: each module has ``SUMMARY`` and ``main(argv)``, which imports what it needs."""
