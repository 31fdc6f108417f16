"""A deterministic, seeded election day with ground truth: who reports what, when, in which words, through which
network."""
