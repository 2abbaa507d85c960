"""From what is asked for to what is done: an ablation or a search is checked whole, planned, and carried out."""
