"""The harness held against itself: A/A and power campaigns, reproduction, other generators, a noisy neighbour."""
