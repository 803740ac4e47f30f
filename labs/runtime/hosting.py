"""Who serves a site's files in a deployment: its front-end, a server of their own, or nobody but the project."""

from __future__ import annotations

from labs.own.isolation import own_settings
from labs.runtime.deployment import Deployment
from labs.servers.base import FrontEnd


def sentences(deployment: Deployment) -> tuple[str, ...]:
    """A line for each folder of files of each site."""
    served = {
        path: f"{server.title} at {url}"
        for server in deployment.servers
        if isinstance(server, FrontEnd)
        for place in server.places
        for url, path in place.files.items()
    }
    lines = []
    for site in deployment.sites:
        whose = f" of {own_settings(site)}" if len(deployment.sites) > 1 else ""
        for part, path in {"media": site.media, "static": site.static}.items():
            if path in served:
                lines.append(f"{part}{whose}: served by {served[path]}")
            elif path is not None:
                lines.append(f"{part}{whose}: no web server serves it here; your project does, or nobody")
    return tuple(lines)
