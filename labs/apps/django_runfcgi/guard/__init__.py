"""flup 1.0.3, mended for Python 3. Each module holds what one part of flup does wrong, and the smallest mend.

wake        a stop signal is noticed at once, not at the next request
connection  one connection: a client that leaves, a stop, maxrequests, limits told to the front-end, an answer that fails
records     what comes over it, held against the specification: lengths that lie, heads without end, silence
address     what the front-end has not said of the address: nothing a visitor wrote is cut by length, or left undecoded
multiplexed several requests on one connection: none is waited for after the front-end has left
prefork     the pool grows, children end with their parent, the end is bounded
threads     the pool grows at once in a burst; connections beyond its size wait and are not closed
plain       none of this: flup as it comes
"""

from __future__ import annotations

from .build import build

__all__ = ["build"]
