"""The standard module ``platform``, plus the commands of this folder (``python -m platform.ablate``).

The folder shares its name with a module of the standard library, and whenever the current folder is the repository's
root it is found first: by pip, venv, pytest, torch, pickle and everybody else. So it becomes that module: the standard
file's own code runs in this module's namespace, and only ``__path__``, which the commands need, stays from the package.
Putting another object into ``sys.modules`` instead breaks when threads import at the same time.
"""


def _become_the_standard_module(namespace):  # untyped and old-fashioned, for every Python that may meet this folder
    import os
    from importlib.machinery import PathFinder

    # Beside `os`, not anywhere on the path: the path of a cluster's worker holds further copies of this repository.
    spec = PathFinder.find_spec("platform", [os.path.dirname(os.__file__)])
    del namespace["_become_the_standard_module"]
    namespace.update(__file__=spec.origin, __cached__=spec.cached, __loader__=spec.loader, __package__=spec.parent)
    exec(spec.loader.get_code("platform"), namespace)
    namespace["__spec__"] = spec  # last: until then the package's own spec makes other threads wait for this import


_become_the_standard_module(globals())
