"""Whether this process is the kernel of a notebook."""

from __future__ import annotations

import sys


def in_a_kernel() -> bool:
    """Whether what is displayed can be changed afterwards: a terminal has no place that is updated."""
    if "ipykernel" not in sys.modules:
        return False
    from IPython import get_ipython

    return hasattr(get_ipython(), "kernel")
