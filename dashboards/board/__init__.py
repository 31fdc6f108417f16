"""The triage board: what happened, what is burning, who has it; and every decision about it (docs/board.md)."""
