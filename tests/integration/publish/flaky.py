"""A door to a server that fails a few times before it lets requests through."""

from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any, Self

import httpx

_HOP_BY_HOP = {"host", "connection", "content-length", "transfer-encoding", "content-encoding"}


class Flaky:
    """A proxy on loopback; `failure` is `503`, `drop before` or `drop after` the server works."""

    def __init__(self, target: str, failure: str, times: int) -> None:
        self.failed = 0
        self._target, self._failure, self._times = target, failure, times
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self.origin = f"http://127.0.0.1:{self._server.server_address[1]}"

    def __enter__(self) -> Self:
        Thread(target=self._server.serve_forever, args=(0.05,), daemon=True).start()
        return self

    def __exit__(self, *_error: object) -> None:
        self._server.shutdown()
        self._server.server_close()

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        flaky = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                flaky._serve(self, body)

            def do_GET(self) -> None:
                flaky._serve(self, b"")

            def log_message(self, *_words: Any) -> None:
                """Say nothing."""

        return Handler

    def _serve(self, handler: BaseHTTPRequestHandler, body: bytes) -> None:
        fails = self.failed < self._times
        self.failed += fails
        if fails and self._failure == "503":
            handler.send_response(503)
            handler.send_header("Content-Length", "0")
            handler.end_headers()
            return
        if fails and self._failure == "drop before":
            return
        answer = self._ask(handler, body)
        if not fails:
            self._give(handler, answer)

    def _ask(self, handler: BaseHTTPRequestHandler, body: bytes) -> httpx.Response:
        headers = {
            name: value
            for name, value in handler.headers.items()
            if name.lower() not in _HOP_BY_HOP
        }
        with httpx.Client(timeout=60) as client:
            return client.request(
                handler.command, self._target + handler.path, content=body, headers=headers
            )

    @staticmethod
    def _give(handler: BaseHTTPRequestHandler, answer: httpx.Response) -> None:
        handler.send_response(answer.status_code)
        for name, value in answer.headers.items():
            if name.lower() not in _HOP_BY_HOP:
                handler.send_header(name, value)
        handler.send_header("Content-Length", str(len(answer.content)))
        handler.end_headers()
        handler.wfile.write(answer.content)
