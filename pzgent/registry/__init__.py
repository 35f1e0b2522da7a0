"""Registries of every page, API collection and searchable type, composed from the apps."""
