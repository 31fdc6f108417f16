"""Maps, graphs and values drawn without a library: what the page without Grafana and the situation report share."""
