"""What was observed: trials, the blocks that they form, and histograms of latency. Everything judged is computed from these."""
