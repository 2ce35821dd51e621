"""Ground floor: words. Imports nothing of ours."""
