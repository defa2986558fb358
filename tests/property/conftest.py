"""The same malls as in the integration tests."""

from tests.integration.conftest import any_mall, api, mall

__all__ = ["any_mall", "api", "mall"]
