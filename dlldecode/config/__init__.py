"""Settings: presets and configuration files, found, read, checked and laid over one another."""
