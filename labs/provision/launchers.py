"""Files that stand in the unpacked folder for a package's own, where those would look in the system's folders."""

from __future__ import annotations

# Debian's script reads /etc/chromium.d and starts /usr/lib/chromium. A bare system has no fonts and no list of them.
# What Chromium and its libraries like to keep in the home folder goes beside the unpacked tree.
CHROMIUM = """\
#!/bin/sh
root=$(readlink -f "$(dirname "$(readlink -f "$0")")/../..")
[ -e /etc/fonts/fonts.conf ] || export FONTCONFIG_FILE="$root/etc/fonts/labs.conf"
export XDG_CONFIG_HOME="$root/../browser/config" XDG_CACHE_HOME="$root/../browser/cache"
mkdir -p "$XDG_CONFIG_HOME" "$XDG_CACHE_HOME"
exec "$root/usr/lib/chromium/chromium" "$@"
"""


def _alias(font: str, *names: str) -> str:
    return "".join(
        f'  <alias binding="same"><family>{name}</family><prefer><family>{font}</family></prefer></alias>\n'
        for name in names
    )


FONTS = f"""\
<?xml version="1.0"?>
<!DOCTYPE fontconfig SYSTEM "fonts.dtd">
<fontconfig>
  <dir prefix="relative">../../usr/share/fonts</dir>
{_alias("Liberation Serif", "serif", "Times", "Times New Roman")}\
{_alias("Liberation Sans", "sans-serif", "system-ui", "Arial", "Helvetica")}\
{_alias("Liberation Mono", "monospace", "Courier", "Courier New")}\
</fontconfig>
"""
