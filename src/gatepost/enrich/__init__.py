"""Pure look-ups in loaded tables."""
