from __future__ import annotations

import socket
import threading
from pathlib import Path

import pytest

from labs.clients.fastcgi import (
    BeginRequest,
    Conversation,
    ConversationError,
    EndRequest,
    Params,
    Stderr,
    Stdin,
    Stdout,
    request,
)


class Speaker:
    """Listens on a loopback port, reads until it has seen the end of the body, and says what it was given."""

    def __init__(self, answer: bytes, *, patient: bool = True) -> None:
        self.answer = answer
        self.patient = patient
        self.heard = b""
        self.server = socket.create_server(("127.0.0.1", 0))
        self.server.settimeout(5)
        self.address: tuple[str, int] = self.server.getsockname()
        self.thread = threading.Thread(target=self.run, daemon=True)
        self.thread.start()

    def run(self) -> None:
        connection, _ = self.server.accept()
        with connection:
            connection.settimeout(5)
            if self.patient:
                while not self.heard.endswith(Stdin(b"").encode()):
                    self.heard += connection.recv(65536)
            connection.sendall(self.answer)
            if self.patient:
                connection.recv(1)

    def close(self) -> None:
        self.thread.join(5)
        self.server.close()


ANSWER = [
    Stdout(b"Status: 404 Not Found\r\nContent-Type: text/plain\r\nSet-Cookie: a=1\r\nSet-Cookie: b=2\r\n\r\nno"),
    Stderr(b"a warning\n"),
    Stdout(b"thing"),
    EndRequest(0),
]


@pytest.fixture
def speaker() -> Speaker:
    return Speaker(b"".join(record.encode() for record in ANSWER))


def test_a_request_is_answered(speaker: Speaker) -> None:
    response = request(
        speaker.address, "/nothing?a=1", method="POST", body=b"body", headers={"X-Thing": "x"}, timeout=5
    )
    speaker.close()
    assert (response.status, response.reason, response.body) == (404, "Not Found", b"nothing")
    assert response.headers.get_all("Set-Cookie") == ["a=1", "b=2"]
    assert response.stderr == b"a warning\n"
    kinds = [record.name for record in response.records]
    assert kinds == ["BEGIN_REQUEST", "PARAMS", "PARAMS", "STDIN", "STDIN", "STDOUT", "STDERR", "STDOUT", "END_REQUEST"]
    params = next(record for record in response.records if isinstance(record, Params))
    assert params.values["PATH_INFO"] == "/nothing"
    assert params.values["QUERY_STRING"] == "a=1"
    assert params.values["HTTP_X_THING"] == "x"


def test_a_request_built_by_hand_and_shown(speaker: Speaker) -> None:
    talk = Conversation(speaker.address)
    talk.send(BeginRequest())
    talk.send(Params({"REQUEST_METHOD": "GET", "PATH_INFO": "/<b>"}), Params({}))
    talk.send(Stdin(b""))
    talk.receive_all()
    talk.close()
    speaker.close()
    text = str(talk)
    assert "role responder; then close the connection" in text
    assert "→ BEGIN_REQUEST" in text
    assert "← END_REQUEST" in text
    assert "request complete" in text
    page = talk._repr_html_()
    assert page.count("<tr>") == len(talk.exchanges) + 1
    assert "&lt;b&gt;" in page
    assert "<b>" not in page


@pytest.mark.parametrize("address", [("127.0.0.1", 1), "/nowhere/at/all.sock", Path("/nowhere/at/all.sock")])
def test_nobody_there(address: tuple[str, int] | str | Path) -> None:
    with pytest.raises(ConversationError, match=r"No FastCGI server answers on .*Start one there"):
        request(address, timeout=1)


def test_silence_is_bounded() -> None:
    speaker = Speaker(b"")
    with pytest.raises(ConversationError, match=r"sent no record within 0\.2 s"):
        request(speaker.address, timeout=0.2)
    speaker.close()


def test_an_early_end_is_told() -> None:
    speaker = Speaker(Stdout(b"hello").encode()[:10], patient=False)
    with (
        Conversation(speaker.address, timeout=2) as talk,
        pytest.raises(ConversationError, match="inside a record of which 10 bytes came"),
    ):
        talk.receive()
    speaker.close()


def test_an_end_without_an_answer_is_told() -> None:
    speaker = Speaker(Stderr(b"it broke").encode() + EndRequest(0, 3).encode())
    with pytest.raises(ConversationError, match=r"without an answer .*unknown role.* It wrote: it broke"):
        request(speaker.address, timeout=2)
    speaker.close()
