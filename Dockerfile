# The studio in one image: docs/containers.md. `.ci/image.py` proves it step by step where no container engine is.
FROM debian:trixie-slim AS base
# The newest of a stable Debian is the one that is mended: no version is pinned.
# hadolint ignore=DL3008
RUN apt-get update \
    && apt-get install -y --no-install-recommends python3 ca-certificates tzdata \
    && rm -rf /var/lib/apt/lists/* /var/cache/apt/* /var/log/*
ENV PYTHONUNBUFFERED=1 PATH=/opt/lightfast/.venv/bin:$PATH STUDIO_STATIC=/opt/lightfast/collected
WORKDIR /opt/lightfast

FROM base AS build
# requirements.txt alone leaves out the sandbox and NumPy.
ARG REQUIREMENTS=requirements-sandbox.txt
# hadolint ignore=DL3008
RUN apt-get update && apt-get install -y --no-install-recommends python3-venv && rm -rf /var/lib/apt/lists/*
COPY requirements*.txt ./
COPY .ci .ci
RUN python3 -m venv .venv \
    && .venv/bin/python -m pip install --no-cache-dir --no-compile --requirement "$REQUIREMENTS" \
    && .venv/bin/python -m pip uninstall --yes pip \
    && .ci/trim .venv
COPY manage.py Procfile ./
COPY config config
COPY studio studio
COPY static static
COPY templates templates
# The root is read-only when it runs: what Python compiles at a first run is made now, and only that.
RUN .ci/warm && rm -r .ci && chmod -R a+rX .

FROM base
RUN useradd --uid 10001 --user-group --no-create-home --home-dir /data --shell /usr/sbin/nologin lightfast \
    && install -d -o lightfast -g lightfast -m 0700 /data /backups
COPY --from=build /opt/lightfast /opt/lightfast
ENV PYTHONDONTWRITEBYTECODE=1 STUDIO_STATE=/data HOST=0.0.0.0 PORT=8000
USER 10001
VOLUME ["/data"]
EXPOSE 8000
HEALTHCHECK --interval=15s --timeout=5s --start-period=60s CMD ["python", "-m", "config.healthcheck"]
ENTRYPOINT ["python", "manage.py"]
CMD ["up"]
