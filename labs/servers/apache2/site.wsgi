# What mod_wsgi loads: the site's variables, since SetEnv reaches
# requests and not the process, then the site's application.
import os

os.environ.update(
    @environment@
)
@home@
@path@

from @module@ import @name@  # noqa: E402
@application@
