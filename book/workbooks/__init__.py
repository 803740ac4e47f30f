"""The reader's own copies of the chapters, with everything in them that any Jupyter renders without an extension."""

from book.workbooks.writing import FOLDER, Written, write

__all__ = ["FOLDER", "Written", "write"]
