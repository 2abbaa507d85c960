"""The commands that a person types: each module has ``main(argv)`` and ``SUMMARY``, and imports its work when it runs."""
