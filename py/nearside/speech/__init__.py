"""Speech to text: features, voice activity, decoding."""
