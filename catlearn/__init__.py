"""catlearn."""
