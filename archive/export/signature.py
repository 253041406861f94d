"""Anonymous signatures of WACZ files (wacz-auth 0.1.0).

ECDSA on the curve P-384 with SHA-256 over the text of the manifest's hash, as two numbers one after the other (IEEE
P1363), and the public key as SubjectPublicKeyInfo (RFC 5280), both in base64: as ArchiveWeb.page signs and
ReplayWeb.page checks. The nonce is made from the message (RFC 6979), so the same export has the same signature.
"""

import os
from base64 import b64decode, b64encode
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from archive.errors import AlreadyThere, BadKey, MissingLibrary, storage_errors
from archive.storage import sync_folder
from clean import __version__

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePrivateKey

__all__ = ["PROPERTIES", "Signer", "is_signed", "new_key"]

PROPERTIES = frozenset({"hash", "created", "software", "version", "signature", "publicKey"})
"""What an anonymous signature has; anything else is forbidden."""

_BYTES = 48
"""Of each of the two numbers: the curve has 384 bits."""

_LARGEST_KEY = 64 * 1024


def new_key(path: Path) -> None:
    """Make a private key, readable by its owner alone. Raises AlreadyThere, MissingLibrary, NotWritable or DiskFull."""
    try:
        from cryptography.hazmat.primitives import serialization
        from cryptography.hazmat.primitives.asymmetric import ec
    except ImportError as error:
        raise MissingLibrary("signatures need the library cryptography") from error
    data = ec.generate_private_key(ec.SECP384R1()).private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    with storage_errors(path):
        try:
            file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        except FileExistsError:
            raise AlreadyThere(f"{path} is there already", hint="Leave out --new-key to sign with it.") from None
        try:
            with os.fdopen(file, "wb") as stream:
                stream.write(data)
                stream.flush()
                os.fsync(stream.fileno())
            sync_folder(path.parent)
        except BaseException:
            with suppress(OSError):
                path.unlink()
            raise


class Signer:
    """Signs with a private key from a file."""

    def __init__(self, path: Path) -> None:
        """Read the key. Raises BadKey, MissingLibrary or StorageError."""
        try:
            from cryptography.hazmat.primitives import serialization
            from cryptography.hazmat.primitives.asymmetric import ec
        except ImportError as error:
            raise MissingLibrary("signatures need the library cryptography") from error
        with storage_errors(path):
            try:
                with path.open("rb") as file:
                    data = file.read(_LARGEST_KEY)
            except FileNotFoundError:
                raise BadKey(f"there is no key {path}") from None
        try:
            key = serialization.load_pem_private_key(data, None)
        except (ValueError, TypeError) as error:  # no key, or one with a password
            raise BadKey(f"{path} is no private key in PEM that can be read") from error
        if not isinstance(key, ec.EllipticCurvePrivateKey) or not isinstance(key.curve, ec.SECP384R1):
            raise BadKey(f"{path} is a key of another kind than P-384")
        self._key: EllipticCurvePrivateKey = key

    @property
    def public_key(self) -> str:
        """The public key, in base64."""
        from cryptography.hazmat.primitives import serialization

        form = serialization.PublicFormat.SubjectPublicKeyInfo
        return b64encode(self._key.public_key().public_bytes(serialization.Encoding.DER, form)).decode()

    def signed(self, digest: str, *, created: str) -> dict[str, str]:
        """Return signedData over a manifest's hash. `created` is the manifest's."""
        from cryptography.hazmat.primitives import hashes
        from cryptography.hazmat.primitives.asymmetric import ec
        from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature

        numbers = decode_dss_signature(
            self._key.sign(digest.encode(), ec.ECDSA(hashes.SHA256(), deterministic_signing=True))
        )
        return {
            "hash": digest,
            "created": created,
            "software": "xuanzhi",
            "version": __version__,
            "signature": b64encode(b"".join(number.to_bytes(_BYTES, "big") for number in numbers)).decode(),
            "publicKey": self.public_key,
        }


def is_signed(signed: Mapping[str, object], digest: str) -> bool:
    """Whether this is an anonymous signature of a manifest's hash, and a true one. Raises MissingLibrary."""
    try:
        from cryptography.exceptions import InvalidSignature
        from cryptography.hazmat.primitives import hashes, serialization
        from cryptography.hazmat.primitives.asymmetric import ec
        from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
    except ImportError as error:
        raise MissingLibrary("signatures need the library cryptography") from error
    if not set(signed) <= PROPERTIES or signed.get("hash") != digest:
        return False
    try:
        key = serialization.load_der_public_key(b64decode(str(signed["publicKey"]), validate=True))
        signature = b64decode(str(signed["signature"]), validate=True)
    except (KeyError, ValueError, TypeError):
        return False
    if not isinstance(key, ec.EllipticCurvePublicKey) or len(signature) % 2:
        return False
    half = len(signature) // 2
    first, second = (int.from_bytes(each, "big") for each in (signature[:half], signature[half:]))
    try:
        key.verify(encode_dss_signature(first, second), digest.encode(), ec.ECDSA(hashes.SHA256()))
    except (InvalidSignature, ValueError):
        return False
    return True
