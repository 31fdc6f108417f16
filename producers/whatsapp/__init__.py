"""Reports by WhatsApp, through the webhook of the WhatsApp Business Cloud API."""
