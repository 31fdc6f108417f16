"""Files that belong to reports: photos, documents, recordings. Kept by their SHA-256, never run or shown as pages."""

from producers.attachments.store import Kept, Store

__all__ = ["Kept", "Store"]
