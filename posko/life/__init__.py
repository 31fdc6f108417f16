"""An incident's life after its first report: what people decide, deadlines, escalation, notification, the picture."""
