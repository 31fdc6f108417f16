"""All dashboards, in the order in which people meet them."""

from dashboards.grafana.model import Page
from dashboards.grafana.pages.insiden import INSIDEN
from dashboards.grafana.pages.kategori import ASN, HOAKS, KEAMANAN, LOGISTIK
from dashboards.grafana.pages.kinerja import KINERJA
from dashboards.grafana.pages.pipa import PIPA
from dashboards.grafana.pages.situasi import DINDING, SITUASI
from dashboards.grafana.pages.wilayah import WILAYAH

PAGES: dict[str, Page] = {
    page.name: page for page in (SITUASI, DINDING, LOGISTIK, KEAMANAN, HOAKS, ASN, WILAYAH, INSIDEN, KINERJA, PIPA)
}

__all__ = ["PAGES"]
