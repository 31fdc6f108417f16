"""The dashboards as one HTML page that needs no Grafana: `posko dashboards render`."""
