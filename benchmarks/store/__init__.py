"""Records on disk: their form, whether they are consistent, where they came from, and the journal of a long campaign."""
