# Everything is pinned by hash: the Python packages in requirements.lock, the base image by its digest here.
# To move to a newer one, look it up with `docker buildx imagetools inspect python:3.11-slim-bookworm`, or try it
# first with --build-arg PYTHON=TAG@sha256:DIGEST.
ARG PYTHON=3.11.16-slim-bookworm@sha256:a36c24f9cbdf4fd0f52d67f0823eeac19c2028c637cecc392d97f980d4fec56b

FROM python:${PYTHON} AS build
COPY requirements.lock /
RUN python -m venv --without-pip /venv \
 && pip --python /venv/bin/python install --no-cache-dir --no-deps --only-binary :all: \
    --require-hashes --requirement /requirements.lock
COPY bot /app/bot
# The demo is for trying the bot out: pretend servers have no business beside a bot that has real credentials.
RUN rm -r /app/bot/demo

FROM python:${PYTHON}
RUN pip uninstall --yes pip setuptools wheel \
 && useradd --uid 10001 --home-dir /data --create-home --shell /usr/sbin/nologin bot
COPY --from=build /venv /venv
COPY --from=build /app /app
ENV PATH=/venv/bin:$PATH PYTHONPATH=/app PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1
# The policy file is looked for here, and a SQLite file is kept here: mount a volume, owned by the user 10001.
WORKDIR /data
USER 10001:10001
EXPOSE 8080
HEALTHCHECK --interval=30s --timeout=5s --start-period=30s \
  CMD ["python", "-c", "import os, urllib.request; urllib.request.urlopen('http://127.0.0.1:%s/healthz' % os.environ.get('HTTP_PORT', '8080'), timeout=4)"]
ENTRYPOINT ["python", "-m", "bot"]
CMD ["serve"]
