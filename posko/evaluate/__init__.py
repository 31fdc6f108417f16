"""How well reports are put together, measured against a known truth. Pure but for reading files."""
