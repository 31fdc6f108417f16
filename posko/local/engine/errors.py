"""Errors as ClickHouse names them: a code, a text and an HTTP status."""

from __future__ import annotations

import re

BAD_ARGUMENTS = 36
UNKNOWN_TABLE = 60
SYNTAX_ERROR = 62
UNKNOWN_SETTING = 115
READONLY = 164
TOO_MANY_SIMULTANEOUS_QUERIES = 202
TOO_MANY_BYTES = 307
SESSION_NOT_FOUND = 372
SESSION_IS_LOCKED = 373
ACCESS_DENIED = 497
AUTHENTICATION_FAILED = 516
CANNOT_WRITE_TO_FILE = 75
UNKNOWN_EXCEPTION = 1002
CANNOT_DECOMPRESS = 271
NOT_IMPLEMENTED = 48
QUERY_WAS_CANCELLED = 394

_NAMES = {
    CANNOT_WRITE_TO_FILE: "CANNOT_WRITE_TO_FILE_DESCRIPTOR",
    BAD_ARGUMENTS: "BAD_ARGUMENTS",
    NOT_IMPLEMENTED: "NOT_IMPLEMENTED",
    UNKNOWN_TABLE: "UNKNOWN_TABLE",
    SYNTAX_ERROR: "SYNTAX_ERROR",
    UNKNOWN_SETTING: "UNKNOWN_SETTING",
    READONLY: "READONLY",
    TOO_MANY_SIMULTANEOUS_QUERIES: "TOO_MANY_SIMULTANEOUS_QUERIES",
    CANNOT_DECOMPRESS: "CANNOT_DECOMPRESS",
    TOO_MANY_BYTES: "TOO_MANY_BYTES",
    SESSION_NOT_FOUND: "SESSION_NOT_FOUND",
    SESSION_IS_LOCKED: "SESSION_IS_LOCKED",
    QUERY_WAS_CANCELLED: "QUERY_WAS_CANCELLED",
    ACCESS_DENIED: "ACCESS_DENIED",
    AUTHENTICATION_FAILED: "AUTHENTICATION_FAILED",
    UNKNOWN_EXCEPTION: "UNKNOWN_EXCEPTION",
}

# Source: ClickHouse, src/Server/HTTP/exceptionCodeToHTTPStatus.cpp; everything else is 500.
_STATUS = {
    **dict.fromkeys((26, 27, 36, 38, 41, 53, 62, 69, 72, 117, 130, 131, 171, 376, 427, 457), 400),
    **dict.fromkeys((192, 193, ACCESS_DENIED, AUTHENTICATION_FAILED), 403),
    **dict.fromkeys((46, 47, 50, 56, UNKNOWN_TABLE, 63, 73, 78, 81, UNKNOWN_SETTING, 511, SESSION_NOT_FOUND), 404),
    159: 408,
    TOO_MANY_BYTES: 413,
    NOT_IMPLEMENTED: 501,
}
_CODED = re.compile(r"Code: (\d+)\. DB::Exception: ")


class ClickHouseError(Exception):
    """An error with ClickHouse's code and text."""

    def __init__(self, code: int, text: str, status: int | None = None) -> None:
        super().__init__(text)
        self.code = code
        self.text = text
        self.status = status or _STATUS.get(code, 500)

    @classmethod
    def say(cls, code: int, message: str, status: int | None = None) -> ClickHouseError:
        """An error of our own, worded as ClickHouse words its errors."""
        return cls(code, f"Code: {code}. DB::Exception: {message} ({_NAMES[code]})", status)

    @classmethod
    def of(cls, error: BaseException) -> ClickHouseError:
        """The error that chDB raised: it wraps ClickHouse's text, sometimes twice, in words of its own."""
        if isinstance(error, ClickHouseError):
            return error
        text = str(error)
        found = list(_CODED.finditer(text))
        if not found:
            return cls.say(UNKNOWN_EXCEPTION, text or type(error).__name__)
        first = found[0]
        # `Code: 164. DB::Exception: Code: 164. DB::Exception: …`: the inner one says it all.
        for after in found[1:]:
            if after.start() != first.end():
                break
            first = after
        return cls(int(first[1]), text[first.start() :].strip())

    def body(self, version: str) -> bytes:
        """The response body; `version` is the server's."""
        text = self.text if "(version " in self.text else f"{self.text} (version {version} (official build))"
        return f"{text}\n".encode()
