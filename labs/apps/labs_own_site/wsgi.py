"""The project's WSGI application, for a server that is told a module.

The settings are loaded first: many a project's wsgi.py names its own, and would open its own database.
"""

from __future__ import annotations

from django.conf import settings
from django.core.servers.basehttp import get_internal_wsgi_application

if settings.SETTINGS_MODULE != "labs_own_site.settings":
    raise RuntimeError("The settings were loaded before this module: labs_own_site.settings was expected.")

application = get_internal_wsgi_application()
