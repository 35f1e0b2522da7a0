"""What the operator needs: backups, moves, checks, logs."""
