"""What the keeper of one deployment consists of: its folder, and the processes that came from its servers.

keep.py imports this by its folder, so everything here is the standard library alone.
"""
