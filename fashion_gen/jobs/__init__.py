"""Durable jobs: tables, states, the store, fair dispatch, and what a worker does. No torch, no Celery, no HTTP.

The database is the truth; messages carry ids only. Read `states.py` first, then `leases.py`.
"""

from fashion_gen.jobs.database import Database, migrate
from fashion_gen.jobs.garments import NewGarment, Prepared
from fashion_gen.jobs.idempotency import IdempotencyKey, fingerprint
from fashion_gen.jobs.jobs import Added, NewJob
from fashion_gen.jobs.keys import Issued
from fashion_gen.jobs.leases import Claim, Pulse, Swept
from fashion_gen.jobs.looks import Rendered, Work
from fashion_gen.jobs.outbox import Queue
from fashion_gen.jobs.paging import Page
from fashion_gen.jobs.policy import Policy
from fashion_gen.jobs.store import Store
from fashion_gen.jobs.uploads import NewUpload

__all__ = [
    "Added",
    "Claim",
    "Database",
    "IdempotencyKey",
    "Issued",
    "NewGarment",
    "NewJob",
    "NewUpload",
    "Page",
    "Policy",
    "Prepared",
    "Pulse",
    "Queue",
    "Rendered",
    "Store",
    "Swept",
    "Work",
    "fingerprint",
    "migrate",
]
