"""An answer counts that comes before a reset, where the server has refused to read the rest of a request; no other does."""

from __future__ import annotations

import socket
import struct
import threading

import pytest

from labs.conformance.target import Target

LONG = "/?" + "x" * 20_000


def reset_after(status: int, server: socket.socket) -> None:
    client, _ = server.accept()
    client.recv(100)
    client.sendall(b"HTTP/1.1 %d Such\r\nContent-Length: 4\r\n\r\nsaid" % status)
    client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    client.close()


@pytest.mark.parametrize(("status", "counts"), [(414, True), (400, True), (200, False), (404, False)])
def test_a_reset_after_the_answer(status: int, counts: bool) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        thread = threading.Thread(target=reset_after, args=(status, server))
        thread.start()
        target = Target(base=f"http://127.0.0.1:{server.getsockname()[1]}", timeout=5.0)
        try:
            if counts:
                assert target.ask(LONG).status == status
            else:
                with pytest.raises(ConnectionResetError):
                    target.ask(LONG)
        finally:
            thread.join()
