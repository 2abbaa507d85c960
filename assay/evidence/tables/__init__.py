"""The tables of a run, for terminal, Markdown and LaTeX."""
