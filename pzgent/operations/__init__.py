"""Tools for the operator: backups, database moves, checks, logs."""
