"""What a sync would change, or what changed between two snapshots: frozen dataclasses, and who fills them."""
