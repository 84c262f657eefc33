"""The whole service on one machine: Redis, portal, dispatcher and workers as child processes under one data folder.

`folder.py` (what lies where, and that only one service uses it), `supervisor.py` (children that are watched and started again),
`service.py` (which children there are, and in which order they start and stop).
"""

from fashion_gen.embedded.folder import DataFolder
from fashion_gen.embedded.service import children, placed
from fashion_gen.embedded.supervisor import Child, Supervisor

__all__ = ["Child", "DataFolder", "Supervisor", "children", "placed"]
