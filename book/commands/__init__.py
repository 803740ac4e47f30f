"""The commands of `python -m book`, by what they are about."""
