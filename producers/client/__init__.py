"""The way into Kafka for everything of ours that sends reports: `Client`, with an outbox on disk."""

from producers.client.client import Client
from producers.client.outbox import Outbox, OutboxFull

__all__ = ["Client", "Outbox", "OutboxFull"]
