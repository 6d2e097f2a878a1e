"""What a user can set, from code or from the environment."""

from ddtrace.settings.config import Config
from ddtrace.settings.integration import IntegrationConfig

__all__ = ["Config", "IntegrationConfig"]
