"""Statistics and judgements over plain numbers: intervals, the verdict rule, when to stop, what a trial's metrics are."""
