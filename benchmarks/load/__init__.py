"""Load by Locust, in a process of its own: who asks, when, and what was answered."""
