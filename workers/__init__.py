"""The processes of the service beside the portal: dispatcher, prepare, render and io workers.

`app.py` (Celery and the reason of each setting), `tasks.py` (shells), `gpu.py` (warm studios), `dispatcher.py` (the loop from the
database to the queue). This package imports the library, never the other way.
"""
