"""The situation report for the morning briefing: one page of the last hours, for the screen, for paper, as PDF."""
