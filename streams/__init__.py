"""The stream workers: Faust agents over batches, one Kafka transaction a batch. See docs/delivery.md."""
