"""Start a command from a small process, and print its seconds and the most KiB that it held.

What a process holds is counted from before it was its own: started from a large one, it counts as
large. So this imports next to nothing, and is run as `python -I -S bench/launch.py COMMAND`.
"""

import os
import sys
import time

if __name__ == "__main__":
    quiet = (os.POSIX_SPAWN_OPEN, 1, os.devnull, os.O_WRONLY, 0)
    began = time.perf_counter()
    started = os.posix_spawnp(sys.argv[1], sys.argv[1:], os.environ, file_actions=[quiet])
    _, status, used = os.wait4(started, 0)
    sys.stdout.write(f"{time.perf_counter() - began} {used.ru_maxrss}")
    sys.exit(os.waitstatus_to_exitcode(status))
