"""dlt, its rest_api source and its merge: python -m bench.peers.with_dlt DSN URL {default,fast} FOLDER.

`fast` is what dlt's page on performance names for such a load: strategy upsert, CSV files for COPY, large pages of
the buffer, and a flat schema that is not inferred again for nested data.
"""

import os
import sys

import dlt
from dlt.sources.rest_api import rest_api_source


def _with_password(dsn: str) -> str:
    """Return the address with a password, which dlt insists on and the server here does not ask for."""
    scheme, _, rest = dsn.partition("://")
    user, _, place = rest.partition("@")
    return f"{scheme}://{user}:none@{place}"


def main(dsn: str, url: str, speed: str, folder: str) -> None:
    """Load the feed into the schema bench_dlt."""
    is_fast = speed == "fast"
    os.environ["RUNTIME__DLTHUB_TELEMETRY"] = "false"
    if is_fast:
        os.environ |= {
            "DATA_WRITER__BUFFER_MAX_ITEMS": "50000",
            "NORMALIZE__WORKERS": "2",
            "EXTRACT__WORKERS": "4",
        }
    base, _, path = url.rpartition("/")
    paging = {"type": "page_number", "base_page": 1, "total_path": "totalPages"}
    source = rest_api_source(
        {
            "client": {"base_url": base},
            "resources": [
                {
                    "name": "tenants",
                    "primary_key": "uniqueId",
                    "write_disposition": {
                        "disposition": "merge",
                        "strategy": "upsert" if is_fast else "delete-insert",
                    },
                    "endpoint": {
                        "path": path,
                        "params": {"limit": 100},
                        "data_selector": "data",
                        "paginator": paging,
                    },
                }
            ],
        }
    )
    pipeline = dlt.pipeline(
        f"bench_{speed}",
        pipelines_dir=folder,
        destination=dlt.destinations.postgres(_with_password(dsn)),
        dataset_name=f"bench_dlt_{speed}",
    )
    pipeline.run(source, loader_file_format="csv" if is_fast else None)


if __name__ == "__main__":
    main(*sys.argv[1:5])
