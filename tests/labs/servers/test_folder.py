"""Names become addresses, and addresses become names again."""

from __future__ import annotations

import socket
from pathlib import Path

from labs.servers.address import Tcp, Unix
from labs.servers.folder import LOOPBACK, Folder


def test_a_port_is_picked_once_and_can_be_bound(tmp_path: Path) -> None:
    folder = Folder(tmp_path, tmp_path).make()
    first, again, other = folder.endpoint(Tcp("http")), folder.endpoint(Tcp("http")), folder.endpoint(Tcp("media"))
    assert first == again
    assert first.port != other.port
    assert first.host == LOOPBACK
    with socket.socket() as server:
        server.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        server.bind((first.host, first.port))


def test_resolve_and_neutral_are_opposites(tmp_path: Path) -> None:
    folder = Folder(tmp_path, tmp_path).make()
    folder.endpoint(Tcp("http"))
    folder.endpoint(Unix("site.sock"))
    written = folder.resolve("at {http}, behind {site.sock}, in {folder}")
    assert str(tmp_path) in written
    assert folder.neutral(written) == "at 127.0.0.1:{http}, behind {folder}/socket/site.sock, in {folder}"


def test_sockets_lie_elsewhere_where_the_checkout_is_deep(tmp_path: Path) -> None:
    from labs.supervisor.keeper import Keeper

    deep = tmp_path / ("a folder with a long name " * 4) / "run"
    keeper = Keeper(deep, "x")
    try:
        folder = Folder(keeper.folder, keeper.sockets).make()
        path = folder.endpoint(Unix("memcached.sock")).path
        assert len(path) < 95, "Apache takes no longer ones"
        with socket.socket(socket.AF_UNIX) as server:
            server.bind(path)
    finally:
        keeper.end()
    assert not keeper.sockets.exists()
    assert not keeper.folder.exists()
