"""Nothing survives its owner: the process beside each deployment that starts its servers and ends them for certain."""
