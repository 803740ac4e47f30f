"""Marks in what a notebook stores: they tell a learner's own outputs from those that the book has stored in a chapter.

A front-end that does not know these types passes over them and keeps them. The book's own runs store none.
"""

from __future__ import annotations

CHECK = "application/vnd.deploying-django.check+json"
"""Of a check: `exercise`, `passed`, and `answer`, which is name -> value as Python writes it."""

PREDICTION = "application/vnd.deploying-django.prediction+json"
"""Of a prediction: `claim`, `winner` and `times`."""

MARKS = (CHECK, PREDICTION)
