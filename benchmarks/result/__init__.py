"""What records say: analyses, the scorecard, comparisons, costs."""
