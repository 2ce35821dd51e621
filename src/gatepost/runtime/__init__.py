"""The machine room: the clock, the daemon, orders carried out."""
