# Another project runs in this process, and may have a package of the same name
import sys  # noqa: E402

sys.path[:0] = [@path@]
