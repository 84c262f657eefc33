"""`python -m workers ROLE`."""

import os
import sys

# SIGTERM (docker stop, systemd, `fashion-gen up`) shall let a batch finish, for a while, and then put it back: that is what
# Celery does on SIGQUIT. Its process library reads this once, when it is imported.
os.environ.setdefault("REMAP_SIGTERM", "SIGQUIT")

from workers.main import main

if __name__ == "__main__":
    sys.exit(main())
