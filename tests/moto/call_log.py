"""Writes down which AWS calls reach the server, one line `service action` each, in order of arrival.

By it a test proves what a run did on the wire, for example that it changed nothing.
"""

import io
import re
import threading
from collections.abc import Callable, Iterable
from typing import Any
from urllib.parse import parse_qs


class CallLog:
    """A WSGI application around moto's own."""

    def __init__(self, application: Any, path: str) -> None:
        self.application = application
        self.file = open(path, "a", encoding="utf-8", buffering=1)
        self.lock = threading.Lock()

    def __call__(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        # The service stands in the signature's scope: `Credential=KEY/date/region/service/aws4_request`.
        scope = re.search(r"Credential=[^/]+/\d+/[^/]+/([^/]+)/", environ.get("HTTP_AUTHORIZATION", ""))
        if scope:
            action = self.action(environ)
            with self.lock:
                self.file.write(f"{scope[1]} {action}\n")
        return self.application(environ, start_response)

    @staticmethod
    def action(environ: dict[str, Any]) -> str:
        if "HTTP_X_AMZ_TARGET" in environ:
            return environ["HTTP_X_AMZ_TARGET"].split(".")[-1]
        body = environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
        environ["wsgi.input"] = io.BytesIO(body)
        return parse_qs(body.decode("utf-8", "replace")).get("Action", ["?"])[0]
