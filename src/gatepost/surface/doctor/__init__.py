"""Looks at this host from outside: one file for each thing that is looked at."""
