"""Suite, trials, stages, plan: what was asked for becomes work, each piece named by what decides its result."""
