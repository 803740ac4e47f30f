"""Running an experiment: blocks of trials on fresh servers, what voids them, and the record written at the end."""
