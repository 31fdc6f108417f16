"""What the app asks for before it shows a form: the forms, and a form's files (OpenRosa Form Discovery API 1.0)."""

from __future__ import annotations

import hashlib
from xml.sax.saxutils import escape

from producers.openrosa.form import Form

HEADER = b'<?xml version="1.0" encoding="UTF-8"?>\n'


def form_list(forms: list[Form], base: str) -> bytes:
    """The document of `formList`; `base` is the address of the server as the app knows it, without a slash."""
    entries = "".join(
        f"<xform><formID>{escape(form.id)}</formID><name>{escape(form.title)}</name>"
        f"<version>{escape(form.version)}</version><hash>{_hash(form.xml)}</hash>"
        f"<downloadUrl>{escape(address(base, form, 'form.xml'))}</downloadUrl>"
        f"<manifestUrl>{escape(address(base, form, 'manifest.xml'))}</manifestUrl></xform>"
        for form in forms
    )
    return HEADER + f'<xforms xmlns="http://openrosa.org/xforms/xformsList">{entries}</xforms>'.encode()


def manifest(form: Form, base: str) -> bytes:
    """The document that `manifestUrl` leads to."""
    entries = "".join(
        f"<mediaFile><filename>{escape(name)}</filename><hash>{_hash(content)}</hash>"
        f"<downloadUrl>{escape(address(base, form, f'media/{name}'))}</downloadUrl></mediaFile>"
        for name, content in form.media.items()
    )
    return HEADER + f'<manifest xmlns="http://openrosa.org/xforms/xformsManifest">{entries}</manifest>'.encode()


def address(base: str, form: Form, what: str) -> str:
    """Where a file of a form is."""
    return f"{base}/forms/{form.id}/{form.version}/{what}"


def message(text: str) -> bytes:
    """The answer to a submission, shown to the person."""
    return (
        HEADER
        + f'<OpenRosaResponse xmlns="http://openrosa.org/http/response"><message>{escape(text)}</message>'
        "</OpenRosaResponse>".encode()
    )


def _hash(content: bytes) -> str:
    return "md5:" + hashlib.md5(content, usedforsecurity=False).hexdigest()
