"""All knowledge of mail servers: one dialect each, and the thread that joins their lines."""
