# Two images from one file:
#   docker build --target slim -t fashion-gen:slim .     portal, dispatcher, io and prepare workers: no torch
#   docker build --target gpu  -t fashion-gen:gpu  .     render workers: torch with CUDA, from PyPI's own wheels
# Both run as an ordinary user and keep nothing inside: data lie on volumes, S3 and PostgreSQL.

FROM python:3.11-slim-bookworm AS base
ENV PYTHONDONTWRITEBYTECODE=1 PYTHONUNBUFFERED=1 PIP_NO_CACHE_DIR=1 PIP_DISABLE_PIP_VERSION_CHECK=1
RUN useradd --uid 10001 --create-home --shell /usr/sbin/nologin fashion \
 && install -d -o fashion -g fashion /data /models /cache
WORKDIR /app
COPY constraints.txt pyproject.toml README.md LICENSE ./
COPY fashion_gen fashion_gen
COPY workers workers
COPY templates templates

FROM base AS slim
RUN pip install --constraint constraints.txt '.[service,s3,traces]'
# numba writes what it compiles beside the code or here; the code is root's.
ENV NUMBA_CACHE_DIR=/cache/numba FASHION_GEN_OBSERVE__LOG_FORMAT=json
USER fashion
# `docker stop` sends SIGTERM: a worker finishes its batch (FASHION_GEN_WORKERS__GRACE_SECONDS), a portal its requests.
CMD ["python", "-m", "fashion_gen", "check"]

FROM base AS gpu
# The torch of constraints.txt takes its CUDA libraries from PyPI; the driver comes from the host (NVIDIA Container Toolkit).
RUN pip install --constraint constraints.txt '.[generate,service,s3,traces]'
ENV NUMBA_CACHE_DIR=/cache/numba HF_HOME=/models FASHION_GEN_OBSERVE__LOG_FORMAT=json
USER fashion
CMD ["python", "-m", "workers", "render"]
