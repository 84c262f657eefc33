"""The web app: the HTTP API under /v1, health and metrics. A file per noun; async only where bytes flow.

Read `app.py` first. `asgi.py` alone reads settings. No torch and no Celery here: work reaches the workers through the
database, whose rows and outbox messages are written in one transaction.
"""
