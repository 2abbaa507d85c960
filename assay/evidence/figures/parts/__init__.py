"""Figures of a design: effects of parts, what two do together, shares."""
