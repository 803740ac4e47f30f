"""What this machine has for the labs, what it lacks, and what would bring it."""
