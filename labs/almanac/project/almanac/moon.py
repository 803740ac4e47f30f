"""Made for the labs: the moon's orbit, a table of addresses. Alone it works; after the sun, it reads the sun's numbers.

The first number is 0. Read as an address, it ends the process (SIGSEGV): two libraries, one name, two meanings.
"""

from __future__ import annotations

import ctypes

from almanac import symbols

PHASES = [ctypes.create_string_buffer(name) for name in (b"new", b"first quarter", b"full", b"last quarter")]
ORBIT = symbols.resolve("orbit", [ctypes.addressof(phase) for phase in PHASES])
FIRST = ctypes.string_at(ORBIT[0] or 0)
