"""What the job is measured against."""
