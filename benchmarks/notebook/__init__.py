"""What a notebook of the book calls: one claim, a prediction, a picture."""
