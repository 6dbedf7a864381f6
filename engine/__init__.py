"""Skulens' engine: catalogs, encoder, index and lookup. It knows nothing of a screen."""

import os

# ONNX Runtime's official builds report their use to Microsoft unless this is set before they are imported.
os.environ["ORT_DISABLE_TELEMETRY"] = "1"
