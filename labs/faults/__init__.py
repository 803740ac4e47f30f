"""Failures that are made on purpose, and the ways to find their cause: crashes, restarts, growing memory, killed owners."""
