"""Agencies' own systems by signed webhook: what they report comes in, what becomes of incidents goes out."""
