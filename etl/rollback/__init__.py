"""Rollback: put back what a run changed, field by field, where nobody changed it since."""
