"""Locust users, one idea a file; each also runs by itself: `locust -f benchmarks/users/reader.py --host http://…`."""
