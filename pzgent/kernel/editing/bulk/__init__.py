"""Many rows at once: export, import with a dry run, and actions in portions."""
