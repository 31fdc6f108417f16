# One image for every role of ours: docker run posko stream | sink | ...
FROM python:3.11-slim-bookworm

ENV PYTHONDONTWRITEBYTECODE=1 PYTHONUNBUFFERED=1 PIP_NO_CACHE_DIR=1
WORKDIR /app

# Libraries first: they change less often than our own code.
COPY requirements.lock ./
RUN pip install --require-hashes -r requirements.lock

COPY pyproject.toml README.md LICENSE ./
COPY posko posko
COPY streams streams
COPY producers producers
COPY sinks sinks
COPY dashboards dashboards
COPY elections elections
RUN pip install --no-deps --no-build-isolation . \
    && useradd --system --create-home --uid 10001 posko \
    && install -d -o posko -g posko /var/lib/posko /dashboards

USER posko
# The last one as `posko up` has it for its stream workers (posko/local/services.py).
ENV POSKO_DATA=/var/lib/posko POSKO_READY_FILE=/tmp/posko.ready MALLOC_MMAP_THRESHOLD_=131072
HEALTHCHECK --interval=5s --timeout=3s --start-period=90s --retries=6 CMD ["test", "-f", "/tmp/posko.ready"]
ENTRYPOINT ["posko"]
CMD ["--help"]
