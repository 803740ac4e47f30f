"""A reader's own project: found, inspected, kept as it is, proved to write nowhere else."""
