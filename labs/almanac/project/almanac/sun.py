"""Made for the labs: the sun's orbit, a table of numbers. It calls that table `orbit`, and so does the moon."""

from __future__ import annotations

from almanac import symbols

# Hours of light by season, the first of them of a polar night. Numbers in the place of machine words.
ORBIT = symbols.resolve("orbit", (0, 8, 12, 16))
