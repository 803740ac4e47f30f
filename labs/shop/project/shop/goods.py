"""What the shop sells."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Good:
    """One thing on the shelf; its price in cents."""

    slug: str
    name: str
    cents: int

    @property
    def price(self) -> str:
        return f"${self.cents / 100:.2f}"

    @property
    def picture(self) -> str:
        """Its file below MEDIA_URL."""
        return f"{self.slug}.svg"


GOODS = {
    good.slug: good
    for good in (
        Good("lantern", "Storm lantern", 3450),
        Good("mug", "Enamel mug", 950),
        Good("pencil", "Box of pencils", 480),
    )
}
