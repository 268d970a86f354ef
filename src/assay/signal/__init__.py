"""Wi-Fi signals: Intel 5300 records and Doppler spectra."""
