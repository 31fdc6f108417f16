"""How well reports are put together, measured against a truth written by people. Pure but for reading files."""
