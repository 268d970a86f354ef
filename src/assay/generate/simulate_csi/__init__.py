"""`simulate-csi`: a physical simulator of Wi-Fi CSI."""

from assay.generate.simulate_csi.settings import SimulateCsi
from assay.generate.simulate_csi.task import SimulatedCsi

__all__ = ["SimulateCsi", "SimulatedCsi"]
