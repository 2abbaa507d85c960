"""What a language model's client may ask over MCP: plans that are shown before anything is spent, and verdicts."""
