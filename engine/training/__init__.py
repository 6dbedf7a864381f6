"""Making and measuring an encoder. Needs the extra `train`; only a CLI command imports it, inside its function."""
