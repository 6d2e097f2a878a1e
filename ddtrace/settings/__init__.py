"""What a user can set, from code or from the environment."""

from ddtrace.settings.config import Config
from ddtrace.settings.hooks import Hooks
from ddtrace.settings.http import HttpConfig
from ddtrace.settings.integration import IntegrationConfig
from ddtrace.settings.option import ConfigException

__all__ = ["Config", "ConfigException", "HttpConfig", "Hooks", "IntegrationConfig"]
