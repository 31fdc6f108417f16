"""Who may use the board: accounts, sessions, failed tries, who looked at personal data. One SQLite file."""
