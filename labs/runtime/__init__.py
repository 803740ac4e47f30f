"""A deployment while it runs: started, asked for its first page, looked into, stopped."""
