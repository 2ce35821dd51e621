"""From a file to a running house."""
