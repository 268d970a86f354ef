"""`simulate-csi`: a physical simulator of Wi-Fi CSI."""
