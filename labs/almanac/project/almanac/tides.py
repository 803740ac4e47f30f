"""Tide tables from a C library whose handle is never opened: the first call reads the address 0.

A module made for the labs. The kernel ends a process that reads there (SIGSEGV), and Python has no say in it.
"""

from __future__ import annotations

import ctypes
import resource

# The dump of a crash that is meant would fill a disk.
resource.setrlimit(resource.RLIMIT_CORE, (0, 0))

UNOPENED = 0
STATION = ctypes.string_at(UNOPENED)
