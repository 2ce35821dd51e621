"""Bytes in, requests out; replies in, bytes out. No sockets."""
