"""What can be varied in SMFNet: its sections, whole configuration, and presets."""
