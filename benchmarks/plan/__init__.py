"""What is measured: the ledger of claims, experiments, workloads and profiles."""
