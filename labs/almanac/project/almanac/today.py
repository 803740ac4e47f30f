"""The page of the day. Most of what it imports wraps a C library, as much of Python does; one of them does it wrongly.

Not all of these imports are used: a page that has grown for years looks like this.
"""

# ruff: noqa: F401, I001 - the order is part of the task
from __future__ import annotations

import array
import binascii
import bz2
import calendar
import csv
import ctypes
import datetime
import decimal
import fcntl
import fractions
import hashlib
import heapq
import json
import locale
import lzma
import math
import mmap
import pyexpat
import random
import select
import socket
import sqlite3
import ssl
import statistics
import struct
import almanac.tides
import termios
import unicodedata
import uuid
import zlib
import zoneinfo
import xml.etree.ElementTree


def text() -> str:
    """The day of the month. Nobody has read it yet."""
    return f"{datetime.datetime.now(tz=datetime.UTC):%d}\n"
