"""Pictures of a decoding."""
