"""The studies of SynCheck (MobiSys 2025)."""
