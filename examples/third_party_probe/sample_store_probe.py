"""Record the release of the sample store that lies beside the notebook."""

from jupyter_repro import ThirdPartyLayer, World


def collect(world: World) -> ThirdPartyLayer:
    """Return the layer: what is there, why it is not, never a guess."""
    file = world.cwd / "samples" / "RELEASE"
    try:
        release = file.read_text(encoding="utf-8")[:100].strip()
    except OSError:
        return ThirdPartyLayer(status="unavailable", reason="there is no samples/RELEASE here")
    return ThirdPartyLayer(status="ok", facts={"release": release})
