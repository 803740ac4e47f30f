"""What is measured: claims, blocks of trials, intervals, verdicts and records."""
