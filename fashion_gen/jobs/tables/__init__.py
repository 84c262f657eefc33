"""The tables. Rows that the store hands out are detached: snapshots, which nobody saves by changing them."""

from fashion_gen.jobs.tables.base import Base, Row, UtcDateTime
from fashion_gen.jobs.tables.catalogs import Catalog, CatalogRow
from fashion_gen.jobs.tables.destinations import Copy, Destination
from fashion_gen.jobs.tables.messages import OutboxMessage, WebhookDelivery, WebhookEndpoint, Worker
from fashion_gen.jobs.tables.tenants import ApiKey, AuditEntry, IdempotencyRecord, Seller, Usage
from fashion_gen.jobs.tables.work import Attempt, Claimable, Garment, Job, Look, Upload

__all__ = [
    "ApiKey",
    "Attempt",
    "AuditEntry",
    "Base",
    "Catalog",
    "CatalogRow",
    "Claimable",
    "Copy",
    "Destination",
    "Garment",
    "IdempotencyRecord",
    "Job",
    "Look",
    "OutboxMessage",
    "Row",
    "Seller",
    "Upload",
    "Usage",
    "UtcDateTime",
    "WebhookDelivery",
    "WebhookEndpoint",
    "Worker",
]
