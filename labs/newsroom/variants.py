"""The newsroom with what a lesson needs: other settings, a page more."""

from __future__ import annotations

from dataclasses import replace
from typing import Literal

from labs.newsroom import site as newsroom
from labs.site import Site

Lesson = Literal["shim", "talk", "note"]


def site(lesson: Lesson) -> Site:
    """The newsroom under the settings of labs/apps/labs_lessons/<lesson>.py.

    shim  all its URLs below /mysite/
    talk  pages that print, log and fail, with Django's own logging
    note  a page from note.py, which a lab writes into the deployment's folder: `deployment.folder.write("note.py", …)`
    """
    ready = "/mysite/hello/" if lesson == "shim" else "/hello/"
    return replace(newsroom(), settings=f"labs_lessons.{lesson}", ready=ready)
