"""Election files that ship with Posko; `posko.election` reads them."""
