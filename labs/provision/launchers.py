"""Files that stand in the unpacked folder for a package's own, where those would look in the system's folders."""

from __future__ import annotations

# Debian's script reads /etc/chromium.d and starts /usr/lib/chromium. A bare system has no fonts and no list of them.
CHROMIUM = """\
#!/bin/sh
root=$(dirname "$(readlink -f "$0")")/../..
[ -e /etc/fonts/fonts.conf ] || export FONTCONFIG_FILE="$root/etc/fonts/labs.conf"
exec "$root/usr/lib/chromium/chromium" "$@"
"""

FONTS = """\
<?xml version="1.0"?>
<!DOCTYPE fontconfig SYSTEM "fonts.dtd">
<fontconfig>
  <dir prefix="relative">../../usr/share/fonts</dir>
  <alias><family>serif</family><prefer><family>Liberation Serif</family></prefer></alias>
  <alias><family>sans-serif</family><prefer><family>Liberation Sans</family></prefer></alias>
  <alias><family>monospace</family><prefer><family>Liberation Mono</family></prefer></alias>
</fontconfig>
"""
