"""Which servers a command may ask: those of your configuration, and those that you allow."""

from __future__ import annotations

from argparse import Namespace
from typing import TYPE_CHECKING

from jupyter_repro.cli import complain

if TYPE_CHECKING:
    from jupyter_repro.install.places.trust import Trust
    from jupyter_repro.safety.world import World


def trust_of(args: Namespace, world: World) -> Trust:
    """Return which servers may be asked, and print where a new consent is remembered."""
    from jupyter_repro.install.places.trust import consent_file, load_trust

    trust = load_trust(
        world,
        allow_channels=args.allow_channel,
        allow_indexes=args.allow_index,
        allow_md5=getattr(args, "allow_md5", False),
    )
    if args.allow_channel or args.allow_index:
        complain(f"what you allow is remembered in {consent_file(world)}")
    return trust
