"""The admin site, its sign-in and accounts, and the admin of the portal's own models."""
