"""Who is asking, and what they may see."""

from echo_metrics.access.viewer import LOCAL_OWNER, Viewer, view_as

__all__ = ["LOCAL_OWNER", "Viewer", "view_as"]
