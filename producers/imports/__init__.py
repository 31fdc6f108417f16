"""Reports from files: tables and maps that agencies keep anyway."""
