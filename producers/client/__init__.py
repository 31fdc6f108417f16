"""The way into Kafka for everything of ours that sends reports."""
