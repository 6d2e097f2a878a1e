"""Carry a trace from one process to the next, in headers."""
