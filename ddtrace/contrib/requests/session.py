"""A session that is traced whether requests is patched or not."""

from __future__ import annotations

from typing import Any

import requests

from ddtrace.contrib.requests.patch import patching, send
from ddtrace.pin import Pin


class TracedSession(requests.Session):
    """A session whose requests have spans, whether ``patch(requests=True)`` is called or not."""

    def send(self, request: requests.PreparedRequest, **kwargs: Any) -> requests.Response:
        if patching.is_tracing:
            return super().send(request, **kwargs)
        return send(super().send, self, (request,), kwargs)


Pin().onto(TracedSession)
