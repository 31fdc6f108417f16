"""Regions of Indonesia: codes and names, centroids and boundaries, TPS, places in texts and at points."""

from posko.regions.build import Region
from posko.regions.find import Found
from posko.regions.imported import RegionsError
from posko.regions.locate import Located
from posko.regions.table import Regions
from posko.regions.tps import number as tps_number
from posko.regions.tps import numbers as tps_numbers

__all__ = ["Found", "Located", "Region", "Regions", "RegionsError", "tps_number", "tps_numbers"]
