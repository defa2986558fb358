# The job as a container: docs/container.md. `make image` builds it, with the version and the commit in its labels.
#
# BASE: a Debian image with Python 3.11 to 3.14 and its venv module, as `python3`; by digest where builds must repeat.
# EXTRA: ray, for the nodes of a cluster (docs/scaling.md); none by default.
# A mirror of PyPI, or its certificate: --secret id=pip.conf,src=… and --secret id=uv.toml,src=….
ARG BASE=docker.io/library/python:3.13-slim

FROM ${BASE} AS build
ARG UV_VERSION=0.13.9
ARG EXTRA=
# unchecked hash: bytecode that holds whatever the times of the files become in a layer
ENV PYC_INVALIDATION_MODE=UNCHECKED_HASH UV_LINK_MODE=copy
WORKDIR /src
RUN --mount=type=secret,id=pip.conf,target=/etc/pip.conf \
    python3 -m venv /uv && /uv/bin/python -m pip install --no-cache-dir "uv==${UV_VERSION}"

COPY pyproject.toml uv.lock ./
RUN --mount=type=cache,target=/root/.cache/uv --mount=type=secret,id=uv.toml,target=/etc/uv/uv.toml \
    python3 -m venv --without-pip /opt/etl \
    && /uv/bin/uv export --quiet --locked --no-dev ${EXTRA:+--extra} ${EXTRA:+"$EXTRA"} --no-emit-project --output-file run.txt \
    && /uv/bin/uv export --quiet --locked --no-dev ${EXTRA:+--extra} ${EXTRA:+"$EXTRA"} --format cyclonedx1.5 \
        --output-file /opt/etl/sbom.cdx.json \
    && /uv/bin/uv export --quiet --locked --only-group build --no-emit-project --output-file build.txt \
    && /uv/bin/uv pip install --python /opt/etl/bin/python --require-hashes --no-deps --compile-bytecode -r run.txt

COPY README.md LICENSE hatch_build.py ./
COPY sql sql
COPY etl etl
ARG REVISION=
RUN --mount=type=cache,target=/root/.cache/uv --mount=type=secret,id=uv.toml,target=/etc/uv/uv.toml \
    ETL_COMMIT="${REVISION}" /uv/bin/uv build --wheel --python python3 \
        --build-constraints build.txt --require-hashes --out-dir dist \
    && /uv/bin/uv pip install --python /opt/etl/bin/python --no-deps --compile-bytecode dist/*.whl

FROM ${BASE}
# Python's own library comes without bytecode in python:*-slim, and nobody could write it on a read-only root
RUN rm -rf /usr/local/bin/pip* /usr/local/lib/python3*/site-packages/pip* /usr/local/lib/python3*/ensurepip \
    && python3 -m compileall -q --invalidation-mode unchecked-hash \
        -x '/(test|tests|idlelib|lib2to3|tkinter|turtledemo|site-packages|dist-packages)/' \
        "$(python3 -c 'import sysconfig; print(sysconfig.get_path("stdlib"))')" \
    && groupadd --gid 1001 etl \
    && useradd --uid 1001 --gid 1001 --no-create-home --home-dir /nonexistent --shell /usr/sbin/nologin etl \
    && install --directory --owner 1001 --group 1001 /snapshots
COPY --from=build /opt/etl /opt/etl
ENV PATH=/opt/etl/bin:$PATH \
    PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1 \
    LOG_FORMAT=json \
    SNAPSHOT_DIR=/snapshots
WORKDIR /opt/etl
USER 1001:1001
# the only places that are written; declared, so that ECS gives a task's empty volumes these owners and rights
VOLUME ["/snapshots", "/tmp"]
ENTRYPOINT ["etl"]
CMD ["sync"]

ARG VERSION=unknown
ARG REVISION=unknown
LABEL org.opencontainers.image.title="iconsiam-etl" \
      org.opencontainers.image.description="Sync of a mall's tenant directory from its API into the Postgres behind a CMS" \
      org.opencontainers.image.licenses="MIT" \
      org.opencontainers.image.version="${VERSION}" \
      org.opencontainers.image.revision="${REVISION}"
