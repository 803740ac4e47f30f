"""The book: its pages, what builds them, what keeps its notebooks up to date."""
