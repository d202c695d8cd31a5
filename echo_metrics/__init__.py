"""ECHO Metrics: outcomes, connection and return on investment of Project ECHO programmes."""

__version__ = "0.1.0"
