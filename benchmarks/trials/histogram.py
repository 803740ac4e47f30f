"""Times as an HdrHistogram: every value to three digits, small enough for a record."""

from __future__ import annotations

import zlib
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

from benchmarks.codec import Word, WrongError

if TYPE_CHECKING:
    from hdrh.histogram import HdrHistogram

SHORTEST, LONGEST, DIGITS = 1, 600_000_000, 3  # microseconds to ten minutes, three significant digits


@dataclass(frozen=True)
class Histogram(Word):
    """Times in microseconds: an HdrHistogram V2, compressed, in base64, as other tools of its kind read it too."""

    @property
    def decoded(self) -> HdrHistogram:
        """The histogram itself, shared by all who ask: the caller must not change it."""
        return _decoded(self.encoded)

    @property
    def count(self) -> int:
        """How many values it holds. Raises WrongError where it is no histogram."""
        return _count(self.encoded)

    def percentile(self, which: float) -> float | None:
        """In microseconds; None where there is no value."""
        return percentile(self.decoded, which)

    @classmethod
    def of(cls, histogram: HdrHistogram) -> Histogram:
        """As a record holds it."""
        encoded = histogram.encode()
        return cls(encoded.decode("ascii") if isinstance(encoded, bytes) else str(encoded))


def merged(histograms: Sequence[HdrHistogram]) -> Histogram:
    """Several as one."""
    whole = type(histograms[0]).decode(histograms[0].encode())
    for each in histograms[1:]:
        whole.add(each)
    return Histogram.of(whole)


def recorded(microseconds: Iterable[int]) -> Histogram:
    """Of single values; one below a microsecond counts as one, one above ten minutes as ten."""
    from hdrh.histogram import HdrHistogram  # imported here: only who reads a record pays for it

    made = HdrHistogram(SHORTEST, LONGEST, DIGITS)
    for value, count in Counter(microseconds).items():
        made.record_value(min(max(value, SHORTEST), LONGEST), count)
    return Histogram.of(made)


def percentile(histogram: HdrHistogram, which: float) -> float | None:
    """In microseconds; None where there is no value."""
    return float(histogram.get_value_at_percentile(which)) if histogram.get_total_count() else None


@lru_cache(maxsize=4096)
def _decoded(encoded: str) -> HdrHistogram:
    from hdrh.histogram import HdrHistogram  # imported here: only who reads a record pays for it

    return HdrHistogram.decode(encoded)


@lru_cache(maxsize=4096)
def _count(encoded: str) -> int:
    from hdrh.codec import HdrCookieException, HdrHistogramSettingsException, HdrLengthException

    try:
        return int(_decoded(encoded).get_total_count())
    except (HdrCookieException, HdrHistogramSettingsException, HdrLengthException, ValueError, zlib.error) as error:
        raise WrongError(f"no histogram: {error}") from None
