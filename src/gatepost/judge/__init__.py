"""From evidence to orders."""
