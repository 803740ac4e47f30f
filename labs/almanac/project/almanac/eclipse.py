"""The page of the next eclipse. Every module that it imports works, and together they end the process.

Not all of these imports are used: a page that has grown for years looks like this.
"""

# ruff: noqa: F401, I001 - the order is part of the task
from __future__ import annotations

import array
import bisect
import bz2
import calendar
import almanac.sun
import cmath
import csv
import datetime
import decimal
import hashlib
import json
import lzma
import math
import pyexpat
import random
import sqlite3
import statistics
import struct
import almanac.moon
import zlib
import zoneinfo
import xml.etree.ElementTree


def text() -> str:
    """The year. Nobody has read it yet."""
    return f"{datetime.datetime.now(tz=datetime.UTC):%Y}\n"
