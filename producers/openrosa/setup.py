"""What the QR code holds with which ODK Collect sets itself up."""

from __future__ import annotations

import base64
import json
import zlib


def code(server: str, user: str, password: str) -> str:
    """Settings as ODK Collect reads them: JSON, compressed with zlib, in Base64 (ODK, "Configuring with QR codes")."""
    content = {
        "general": {
            "server_url": server,
            "username": user,
            "password": password,
            "autosend": "wifi_and_cellular",
            "form_update_mode": "match_exactly",
        },
        "admin": {},
        "project": {"name": "Posko", "icon": "P", "color": "#0a5c8f"},
    }
    return base64.b64encode(zlib.compress(json.dumps(content, separators=(",", ":")).encode(), 9)).decode()
