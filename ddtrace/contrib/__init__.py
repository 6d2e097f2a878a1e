"""Support for libraries: one folder an integration, declared once in its ``__init__``."""
