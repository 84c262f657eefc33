"""The Celery app: which broker, which queues, and why each setting is as it is.

Measured in research/infra.md section 2. The database is the truth and messages only carry ids, so Celery has one duty:
bring a message to a process soon. Whatever it loses, the sweeper sends again; whatever it repeats, finds its work done.
"""

from __future__ import annotations

from typing import Any

from celery import Celery
from kombu import Queue

from fashion_gen.jobs.states import Priority
from fashion_gen.settings import Settings

PREPARE, IO = "prepare", "io"
# Two queues, not priorities inside one: on Redis each priority is a list of its own, and whoever counts messages by one
# list's name (KEDA does) would miss the others. Workers take from the first that has something.
RENDER = {Priority.INTERACTIVE: "render.interactive", Priority.CATALOG: "render.bulk"}
#: What the tasks are called; `tasks.py` has them.
TASKS = {name: f"fashion_gen.{name}" for name in ("prepare", "render", "copy", "tidy")}
#: Which queues a worker of each role takes from, in this order.
QUEUES = {"prepare": (PREPARE,), "render": tuple(RENDER.values()), "io": (IO,)}

VISIBILITY_S = 6 * 3600


def build(chosen: Settings) -> Celery:
    """Return the app of these settings. Nothing connects yet."""
    broker = chosen.queue.broker.get_secret_value()
    app = Celery("fashion-gen", broker=broker, include=["workers.tasks"])
    app.conf.update(
        task_queues=[_queue(name, broker) for names in QUEUES.values() for name in names],
        # A queue that is not declared above is a mistake, not a new queue.
        task_create_missing_queues=False,
        task_default_queue=IO,
        # Acknowledged when done: what a dying worker held goes back to the broker, for the next one.
        task_acks_late=True,
        task_reject_on_worker_lost=True,
        # Nothing waits inside a busy worker while another one is idle.
        worker_prefetch_multiplier=1,
        # Results and states are in the database; a result backend would be a second truth.
        task_ignore_result=True,
        # prefork: a child that runs out of memory or breaks its CUDA context is replaced in seconds while its parent lives,
        # and a cold stop puts the task back. solo loses it (Celery 5.7), threads ignore the stop.
        worker_pool="prefork",
        # One child per process, one process per GPU: CUDA_VISIBLE_DEVICES decides which.
        worker_concurrency=1,
        # SIGTERM (see `__main__.py`) lets the batch finish for so long, then puts it back.
        worker_soft_shutdown_timeout=chosen.workers.grace_seconds,
        worker_enable_soft_shutdown_on_idle=False,
        # The portal accepts jobs without us; a worker that starts before its broker waits for it, and for ever.
        broker_connection_retry_on_startup=True,
        broker_connection_max_retries=None,
        broker_transport_options=_transport(broker, chosen.queue.timeout_seconds),
        # Messages come from us and are lists of ids; nothing that could run code is accepted.
        accept_content=["json"],
        task_serializer="json",
        # For Flower; nobody listens to them otherwise.
        worker_send_task_events=True,
        # Ours, see fashion_gen/logs.py.
        worker_hijack_root_logger=False,
    )
    return app


def _queue(name: str, broker: str) -> Queue:
    if not broker.startswith("amqp"):
        return Queue(name, routing_key=name)
    # Quorum queues survive the loss of a node and count redeliveries. Declared durable, messages persistent.
    return Queue(name, routing_key=name, queue_arguments={"x-queue-type": "quorum"})


def _transport(broker: str, timeout_s: float) -> dict[str, Any]:
    if broker.startswith("amqp"):
        return {"confirm_publish": True}  # `send` returns when the broker has it, not when the socket took it
    return {
        # Redis gives unacknowledged messages back after this, also of a task that still runs. The database returns
        # what the dead held in seconds, so this is only the last broom: longer than any batch.
        "visibility_timeout": VISIBILITY_S,
        "unacked_restore_interval": 30,
        "unacked_restore_throttle": 1,  # the default of 10 sweeps only every tenth time
        "socket_timeout": timeout_s,
        "socket_connect_timeout": 5,
        "socket_keepalive": True,
        "health_check_interval": 10,
        # Queues in the order they were named: a person's look before a catalog's.
        "queue_order_strategy": "priority",
        "priority_steps": [0],
    }
