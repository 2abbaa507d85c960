"""A source here, its trials there: through `ray://`, Tune runs on the cluster's head and asks back.

A process of Ray's stands in between and unpacks what passes. All is bytes to it, and functions are sent whole: it need
not import our code, and torch with it, which it does not always survive.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import ray
from ray import cloudpickle
from ray.exceptions import RayError, RayTaskError
from ray.util.queue import Empty, Queue

from assay.config.errors import WorkLost
from assay.experiment.source import Source, Stop

__all__ = ["RelayedSource", "serve"]

Notice = Callable[[str], None]
Work = Callable[[Source[Any], Notice], None]

_HEAD = {"node:__internal_head__": 0.001}
_POLL_S = 0.5  # how soon the end of the work is noticed


class RelayedSource:
    """Stands for a source in another process; a `Source`.

    Args:
        calls, answers: to the process of the source, and back.
    """

    def __init__(self, calls: Queue, answers: Queue) -> None:
        self._calls, self._answers = calls, answers

    def next(self) -> Any:
        """See `Source`."""
        return self._ask("next")

    def progressed(self, trial: Any, report: Mapping[str, Any]) -> Stop:
        """See `Source`."""
        return Stop(self._ask("progressed", trial, report).value)

    def printed(self, trial: Any, text: str) -> None:
        """See `Source`."""
        self._ask("printed", trial, text)

    def finished(self, trial: Any, outcome: Any) -> None:
        """See `Source`."""
        self._ask("finished", trial, outcome)

    def failed(self, trial: Any, reason: str, traceback: str, again: bool = False) -> None:
        """See `Source`."""
        self._ask("failed", trial, reason, traceback, again)

    def notice(self, line: str) -> None:
        """Show the user a line."""
        self._ask("notice", line)

    def _ask(self, name: str, *arguments: Any) -> Any:
        self._calls.put(cloudpickle.dumps((name, arguments)))
        return cloudpickle.loads(self._answers.get())


def serve(source: Source[Any], work: Work, notice: Notice) -> None:
    """Call `work` with a relayed source on the head of the cluster, and answer its calls until it ends.

    Args:
        source: of this process.
        work: an importable function, or one that can be pickled.
        notice: shows the user a line; `work` gets a relayed one.

    Raises:
        WorkLost: the connection to the cluster was lost, or the process on its head has died.
        Exception: what `work` or the source raised.
    """
    calls, answers = Queue(), Queue()
    try:
        _serve(source, work, notice, calls, answers)
    except RayTaskError as error:
        _shut_down(calls, answers)
        raise error.cause from error
    except ConnectionError as error:  # with it the queues are gone; to shut them down would start another Ray
        raise _lost("the connection to the cluster was lost", error) from error
    except RayError as error:
        _shut_down(calls, answers)
        raise _lost("what handed out the trials on the cluster's head has died", error) from error
    except BaseException:
        _shut_down(calls, answers)
        raise
    _shut_down(calls, answers)


def _lost(what: str, error: Exception) -> WorkLost:
    first, *_ = str(error).splitlines() or [type(error).__name__]
    return WorkLost(f"{what} ({first})")


def _serve(source: Source[Any], work: Work, notice: Notice, calls: Queue, answers: Queue) -> None:
    methods = {name: getattr(source, name) for name in ("next", "progressed", "printed", "finished", "failed")}
    methods["notice"] = notice

    def on_head(packed: bytes, calls: Queue, answers: Queue) -> None:
        from ray import cloudpickle

        from assay.cluster.relay import RelayedSource

        source = RelayedSource(calls, answers)
        cloudpickle.loads(packed)(source, source.notice)

    head = ray.remote(num_cpus=0, max_retries=0, resources=_HEAD)(on_head)
    there = head.remote(cloudpickle.dumps(work), calls, answers)
    while not ray.wait([there], timeout=0)[0]:
        try:
            name, arguments = cloudpickle.loads(calls.get(timeout=_POLL_S))
        except Empty:
            continue
        answers.put(cloudpickle.dumps(methods[name](*arguments)))
    ray.get(there)


def _shut_down(*queues: Queue) -> None:
    """Who still asks gets an error."""
    for queue in queues:
        queue.shutdown(force=True)
