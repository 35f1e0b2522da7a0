"""Tools for the operator: backups, database migration to PostgreSQL, health checks and logs."""
