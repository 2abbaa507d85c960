"""What a report says, section by section: of an ablation, and of a search."""
