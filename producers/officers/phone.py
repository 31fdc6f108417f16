"""Phone numbers as one text each, however they are written: `0812...`, `62 812 ...`, `+62 812-...`."""

from __future__ import annotations

import phonenumbers

COUNTRY = "ID"


def normalised(written: str) -> str:
    """The number as E.164 (`+62812...`), `""` for an empty text. Raises ValueError for what is no phone number."""
    text = written.strip()
    if not text:
        return ""
    if len(text) > 40:
        raise ValueError("is no phone number; write it such as 0812-3456-7890")
    if text.startswith("62"):
        text = f"+{text}"
    elif text.startswith("8"):  # a spreadsheet took the 0 in front away
        text = f"0{text}"
    try:
        number = phonenumbers.parse(text, COUNTRY)
    except phonenumbers.NumberParseException as error:
        raise ValueError("is no phone number; write it such as 0812-3456-7890") from error
    if not phonenumbers.is_valid_number(number):
        raise ValueError("is no phone number that exists; write it such as 0812-3456-7890")
    return str(phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164))
