"""The CMS's panel: where an editor finds the document that a row is."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Panel:
    """The panel of the CMS, as CMS_URL names it.

    Attributes:
        address: Its start page, as https://cms.example.com/admin; None where nobody said it.
    """

    address: str | None = None

    @property
    def collections(self) -> str | None:
        """The address to which `shops/25` is added for a document (Payload's formatAdminURL); None for no panel."""
        return self.address and f"{self.address}/collections/"

    def document(self, table: str | None, record_id: int | None) -> str | None:
        """Return the address of a row's document; None without a panel, and for a row that is not there."""
        if self.address is None or table is None or record_id is None:
            return None
        return f"{self.collections}{table}/{record_id}"


NO_PANEL = Panel()
"""Nobody named the panel: there are no links."""
