"""rf_diffusion: a complex-valued diffusion transformer for Wi-Fi CSI.

After RF-Diffusion (MobiCom 2024), in the form that SynCheck (MobiSys 2025) made its synthetic Wi-Fi data
with.
"""
