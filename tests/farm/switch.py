"""A power switch on loopback, as labgrid's model ``simplerest`` knows it."""

from __future__ import annotations

import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


class Switch:
    """``calls`` has what was switched: ``"off"`` and ``"on"``."""

    def __init__(self) -> None:
        self.calls: list[str] = []
        calls = self.calls

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                calls.append({"0": "off", "1": "on"}[self.path.rpartition("/")[2]])
                self.send_response(200)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, *args: object) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._thread = threading.Thread(target=self._server.serve_forever, daemon=True)

    @property
    def resource(self) -> dict[str, object]:
        """As an exporter's configuration has it."""
        url = f"http://127.0.0.1:{self._server.server_port}/{{index}}/{{value}}"
        return {"model": "simplerest", "host": url, "index": "1"}

    def __enter__(self) -> Switch:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()
