"""The engine of one machine: so many processes, each of which makes one shard after the other."""

from collections.abc import Iterable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from queue import SimpleQueue

from xuanzhi.shards.work import ShardJob, ShardOutcome, ShardProcess

__all__ = ["run_pool"]


def run_pool(job: ShardJob, uris: Iterable[str], count: int) -> Iterator[ShardOutcome]:
    """Yield the outcome of each input as it comes, from `count` processes. Inputs are asked for as they are needed."""
    processes = [ShardProcess(job) for _ in range(count)]
    free: SimpleQueue[ShardProcess] = SimpleQueue()
    for each in processes:
        free.put(each)

    def do(uri: str) -> ShardOutcome:
        process = free.get()
        try:
            return process.do(uri)
        finally:
            free.put(process)

    with ThreadPoolExecutor(count) as threads:
        running: set[Future[ShardOutcome]] = set()
        try:
            for uri in uris:
                running.add(threads.submit(do, uri))
                if len(running) >= count:
                    done, running = wait(running, return_when=FIRST_COMPLETED)
                    yield from (each.result() for each in done)
            while running:
                done, running = wait(running, return_when=FIRST_COMPLETED)
                yield from (each.result() for each in done)
        finally:
            for each in processes:  # also where we are interrupted: whoever waits for one goes on
                each.close()
