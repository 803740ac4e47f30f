from __future__ import annotations

from typing import Any

from django.http import HttpRequest

from paper.models import Section


def masthead(request: HttpRequest) -> dict[str, Any]:
    """The sections for the navigation; one query, and only if a template shows them.

    Nothing here looks at the visitor: a page that asked for the user would vary by cookie and be of no use to a cache.
    """
    return {"sections": Section.objects.all()}
