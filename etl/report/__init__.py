"""What a run tells people: results as frozen dataclasses, and how they are shown."""
