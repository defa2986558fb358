"""Colours that mean the same wherever they are shown."""

STATUS_STYLE = {"COMPLETED": "green", "PARTIAL": "yellow", "FAILED": "red", "RUNNING": "cyan"}
