"""rf_diffusion: diffusion for Wi-Fi CSI, in the published form and in one that a laptop can train.

After RF-Diffusion (MobiCom 2024), in the form that SynCheck (MobiSys 2025) made its synthetic Wi-Fi data
with.
"""
