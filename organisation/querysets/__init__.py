"""Querysets of the organisation, used by the pages, the API and the admin; one module per subject."""
