"""One file a command; each has a click command named `command`, imported when it is called."""
