"""``python -m platform``: what the standard module prints."""

import sys
from platform import __spec__ as _spec

sys.argv[0] = _spec.origin
__file__, __cached__, __loader__, __package__ = _spec.origin, _spec.cached, _spec.loader, _spec.parent
__spec__ = _spec
exec(_spec.loader.get_code("platform"), globals())
