"""Features of the editors' desk beyond the admin: facts checked by the services themselves, and erasure."""
