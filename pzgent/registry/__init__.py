"""Registries of every page, API collection, searchable type and citation of a source, composed from the apps."""
