"""Makes the world so."""
