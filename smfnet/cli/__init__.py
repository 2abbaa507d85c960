"""The commands that a person types. Each module has ``main(argv)`` and ``SUMMARY``, and imports its work when it runs."""
