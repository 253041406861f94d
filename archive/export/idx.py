"""A compressed index in blocks, and the index of its blocks, as cdxj-indexer writes them for WACZ files.

`index.cdx.gz` is one gzip member for each 300 lines; `index.idx` has for each block the key of its first line, its
place and its digest, so that a reader fetches two small pieces of any index.
"""

import json
import zlib
from collections.abc import Callable, Iterable
from hashlib import sha256
from itertools import islice

__all__ = ["write_blocks"]

_LINES = 300


def write_blocks(lines: Iterable[bytes], name: str, sink: Callable[[bytes], object]) -> bytes:
    """Write the blocks to the sink; return the index of blocks. `name` is that of the compressed file."""
    index = [f"!meta 0 {json.dumps({'format': 'cdxj-gzip-1.0', 'filename': name})}\n"]
    offset = 0
    rest = iter(lines)
    while block := list(islice(rest, _LINES)):
        compressor = zlib.compressobj(wbits=16 + zlib.MAX_WBITS)
        data = compressor.compress(b"".join(block)) + compressor.flush()
        sink(data)
        key = block[0].partition(b" {")[0].decode()
        place = {"offset": offset, "length": len(data), "digest": f"sha256:{sha256(data).hexdigest()}"}
        index.append(f"{key} {json.dumps(place)}\n")
        offset += len(data)
    return "".join(index).encode()
