"""The engine of many machines: a task of Ray for each input. Ray tries again what dies with a machine.

Every machine needs this software with the same libraries, and the same store.
"""

import os
import socket
import sys
from collections.abc import Iterable, Iterator
from contextlib import redirect_stdout
from typing import Any

from xuanzhi.messages import _
from xuanzhi.output.failures import Failure, UsageError, extra_missing
from xuanzhi.shards.work import ShardJob, ShardOutcome, run_shard

__all__ = ["run_ray"]

_OBJECTS = 256 * 1024 * 1024
"""Bytes of Ray's own memory for objects on this machine; ours are some hundred kilobytes."""

_LOOPBACK = "127.0.0.2" if sys.platform == "linux" else "127.0.0.1"
"""Where the parts of Ray on this machine look for each other. For 127.0.0.1 it takes an address that others can reach;
some of its servers listen at all addresses whatever it is told, and ask for a token."""


def run_ray(job: ShardJob, uris: Iterable[str], count: int, address: str) -> Iterator[ShardOutcome]:
    """Yield the outcome of each input as it comes, from the cluster at `address`, or from `count` processes here.

    Raises UsageError where Ray is not installed or the cluster does not answer.
    """
    os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")
    try:
        import ray
    except ImportError as error:
        raise extra_missing("--engine ray", "ray", "ray") from error
    here: dict[str, Any] = {"_node_ip_address": _LOOPBACK} if address.startswith("127.") else {}
    if not address:
        here = {"num_cpus": count, "object_store_memory": _OBJECTS, "_node_ip_address": _LOOPBACK}
    try:
        host, _colon, port = address.rpartition(":")
        if host and port.isdigit():
            socket.create_connection((host, int(port)), 10.0).close()  # seconds; Ray would try for minutes
        ray.init(address=address or "local", log_to_driver=False, logging_level="ERROR", **here)
    except (OSError, ValueError) as error:
        raise UsageError(
            "no-cluster", _("the cluster of Ray at {address} does not answer: {reason}", address=address, reason=error)
        ) from error
    try:
        yield from _outcomes(ray, job, uris)
    finally:
        ray.shutdown()


def _outcomes(ray: Any, job: ShardJob, uris: Iterable[str]) -> Iterator[ShardOutcome]:
    task = ray.remote(num_cpus=1, max_retries=5)(run_shard)
    shared = ray.put(job)
    running: dict[Any, str] = {}
    for uri in uris:
        running[task.remote(shared, uri)] = uri
        if len(running) >= 2 * max(1, int(ray.cluster_resources().get("CPU", 1))):
            yield from _done(ray, running)
    while running:
        yield from _done(ray, running)


def _done(ray: Any, running: dict[Any, str]) -> Iterator[ShardOutcome]:
    with redirect_stdout(sys.stderr):  # what Ray says of lost machines meanwhile is no result
        done = ray.wait(list(running))[0]
    for each in done:
        uri = running.pop(each)
        try:
            yield ray.get(each)
        except ray.exceptions.RayError as error:
            yield ShardOutcome(uri, failure=Failure("lost-worker", str(error).splitlines()[0], ""))
