"""Helpers of the course "Variational Autoencoders, hands on". Use it as `import vae_helpers as vh`.

The names of the story are here; the rest is found by room, as in vh.latent, vh.widgets, vh.applications. `__init__.pyi`
lists both. Each is imported when it is first used, so that the import itself costs nothing.
"""

from importlib.metadata import version

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
__version__ = version(__name__)
