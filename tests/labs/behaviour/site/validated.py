"""The newsroom's application between two referees: wsgiref.validate watches the server and the site."""

from __future__ import annotations

from wsgiref.validate import validator

from newsroom.wsgi import application as newsroom

application = validator(newsroom)
