"""The newsroom with a setting or a page more, for lessons that need one. Each module here is a settings module or its URLs.

labs.lessons.site names one of them as the site's settings; the newsroom's own files stay as they are.
"""
