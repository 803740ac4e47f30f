from __future__ import annotations

import random

import pytest

from labs.clients.fastcgi import (
    AbortRequest,
    BeginRequest,
    Data,
    EndRequest,
    GetValues,
    GetValuesResult,
    Other,
    Params,
    ProtocolStatus,
    Record,
    RecordError,
    Role,
    Stderr,
    Stdin,
    Stdout,
    UnknownType,
    decode,
)
from labs.clients.fastcgi.pairs import decode_pairs, encode_length, encode_pairs

LENGTHS = [0, 1, 7, 8, 9, 126, 127, 128, 129, 255, 256, 32767, 32768, 65534, 65535]
RECORDS = [
    BeginRequest(),
    BeginRequest(role=Role.FILTER, keep=True, request_id=65535),
    AbortRequest(request_id=7),
    EndRequest(4294967295, ProtocolStatus.OVERLOADED),
    Params({"REQUEST_METHOD": "GET", "EMPTY": "", "ÜBER": "höchst \N{SNOWMAN}"}),
    Params(),
    Stdin(b"a=1"),
    Stdout(b"\x00\xff"),
    Stderr(b"oh\n"),
    Data(b"file"),
    GetValues.ask(),
    GetValuesResult({"FCGI_MAX_CONNS": "5"}),
    UnknownType(99),
    Other(b"?", kind=77),
]


@pytest.mark.parametrize("record", RECORDS, ids=lambda record: record.name)
def test_every_type_survives_the_way_there_and_back(record: Record) -> None:
    data = record.encode()
    assert len(data) % 8 == 0
    assert decode(data + b"rest") == (record, b"rest")
    assert "\n" not in record.words()


def test_the_header_is_that_of_the_specification() -> None:
    assert BeginRequest(Role.RESPONDER, keep=True).encode() == bytes([1, 1, 0, 1, 0, 8, 0, 0, 0, 1, 1, 0, 0, 0, 0, 0])
    assert Stdin(b"abc", request_id=258).encode() == bytes([1, 5, 1, 2, 0, 3, 5, 0]) + b"abc" + bytes(5)
    assert EndRequest(1, 2).encode(padding=0) == bytes([1, 3, 0, 1, 0, 8, 0, 0, 0, 0, 0, 1, 2, 0, 0, 0])


@pytest.mark.parametrize("length", LENGTHS)
def test_a_record_of_any_length(length: int) -> None:
    record = Stdout(b"x" * length)
    for padding in (None, 0, 255):
        assert decode(record.encode(padding=padding)) == (record, b"")


def test_a_record_holds_no_more_than_65535_bytes() -> None:
    with pytest.raises(RecordError, match="65536 bytes of content; a record holds 65535"):
        Stdout(b"x" * 65536).encode()


@pytest.mark.parametrize("request_id", [-1, 65536])
def test_a_request_id_has_two_bytes(request_id: int) -> None:
    with pytest.raises(RecordError, match="does not fit"):
        Stdin(b"", request_id=request_id).encode()


def test_lengths_take_one_byte_up_to_127_and_four_from_128() -> None:
    assert encode_length(127) == b"\x7f"
    assert encode_length(128) == b"\x80\x00\x00\x80"
    assert encode_length(65535) == b"\x80\x00\xff\xff"
    with pytest.raises(RecordError, match="too long"):
        encode_length(2**31)


def test_pairs_of_all_lengths_survive() -> None:
    for name in [1, 127, 128, 65535]:
        for value in LENGTHS:
            pairs = {"n" * name: "v" * value, "after": "x"}
            assert decode_pairs(encode_pairs(pairs)) == pairs


def test_bytes_that_are_not_utf8_survive() -> None:
    assert encode_pairs(decode_pairs(encode_pairs({"PATH_INFO": b"/\xff\xfe"}))) == encode_pairs(
        {"PATH_INFO": b"/\xff\xfe"}
    )


def test_pairs_cut_anywhere_are_an_error_and_never_a_wrong_pair() -> None:
    data = encode_pairs({"A": "1", "LONG": "x" * 200})
    whole = {0, len(encode_pairs({"A": "1"})), len(data)}
    for cut in range(len(data) + 1):
        if cut in whole:
            decode_pairs(data[:cut])
        else:
            with pytest.raises(RecordError):
                decode_pairs(data[:cut])


@pytest.mark.parametrize("length", [0, 65534, 65535, 65536, 200_000])
def test_streams_are_cut_into_records_and_ended_by_an_empty_one(length: int) -> None:
    body = random.Random(length).randbytes(length)
    records = Stdin.pieces(body, request_id=3)
    assert b"".join(record.data for record in records) == body
    assert [bool(record.data) for record in records] == [True] * (len(records) - 1) + [False]
    assert {record.request_id for record in records} == {3}


def test_variables_longer_than_a_record_are_cut_inside_a_pair() -> None:
    records = Params.pieces({"COOKIE": "c" * 100_000, "LAST": "1"})
    assert len(records) == 3
    assert records[0].fragment
    assert "longer stream" in records[0].words()
    data = b"".join(record.content for record in records)
    assert decode_pairs(data) == {"COOKIE": "c" * 100_000, "LAST": "1"}


def test_an_incomplete_record_waits_for_more() -> None:
    data = Stdout(b"hello").encode()
    for cut in range(len(data)):
        assert decode(data[:cut]) == (None, data[:cut])


@pytest.mark.parametrize(
    "data", [b"HTTP/1.1 200 OK\r\n", bytes(8), b"\x02" + bytes(7), b"\x01\x03\0\1\0\1\0\0\0", b"\x01\x01\0\1\0\0\0\0"]
)
def test_what_is_no_record_is_said_to_be_none(data: bytes) -> None:
    with pytest.raises(RecordError):
        decode(data)


def test_random_bytes_make_records_or_record_errors() -> None:
    numbers = random.Random(5)
    for _ in range(3000):
        data = (
            bytes([1, numbers.randrange(14)])
            + numbers.randbytes(2)
            + bytes([0, numbers.randrange(40)])
            + numbers.randbytes(60)
        )
        try:
            record, _rest = decode(data)
        except RecordError:
            continue
        if record is not None:
            assert isinstance(record.words(), str)
            # Reserved bytes are zero when we write them; the type and the length are as they came.
            assert record.encode()[1] == data[1]
