"""The Django project of the almanac."""
