"""Which addresses may be contacted, as tables."""

import socket

import pytest

from capture.errors import AddressForbidden, NotAWebAddress, UnknownHost
from capture.guard import Guard, forbidden

FORBIDDEN = [
    ("0.0.0.0", "unspecified"),
    ("0.1.2.3", "unspecified"),
    ("10.0.0.1", "private"),
    ("10.255.255.255", "private"),
    ("100.64.0.1", "shared"),
    ("100.127.255.255", "shared"),
    ("100.100.100.200", "Alibaba"),
    ("127.0.0.1", "this machine"),
    ("127.255.255.254", "this machine"),
    ("168.63.129.16", "Azure"),
    ("169.254.169.254", "metadata"),
    ("169.254.0.1", "link-local"),
    ("172.16.0.1", "private"),
    ("172.31.255.255", "private"),
    ("192.0.0.192", "protocols"),
    ("192.0.2.1", "examples"),
    ("192.88.99.1", "6to4"),
    ("192.168.1.1", "private"),
    ("198.18.0.1", "measurements"),
    ("198.19.255.255", "measurements"),
    ("198.51.100.7", "examples"),
    ("203.0.113.7", "examples"),
    ("224.0.0.1", "multicast"),
    ("239.255.255.250", "multicast"),
    ("240.0.0.1", "reserved"),
    ("255.255.255.255", "reserved"),
    ("::", "unspecified"),
    ("::1", "this machine"),
    ("::ffff:127.0.0.1", "disguise"),
    ("::ffff:8.8.8.8", "disguise"),
    ("::7f00:1", "disguise"),
    ("64:ff9b::7f00:1", "NAT64"),
    ("64:ff9b:1::1", "NAT64"),
    ("100::1", "discarded"),
    ("2001::1", "Teredo"),
    ("2001:0:4136:e378:8000:63bf:3fff:fdd2", "Teredo"),
    ("2001:20::1", "protocols"),
    ("2001:db8::1", "examples"),
    ("2002:7f00:1::", "6to4"),
    ("3fff::1", "examples"),
    ("5f00::1", "reserved"),
    ("fd00:ec2::254", "Amazon"),
    ("fc00::1", "private"),
    ("fd12:3456::1", "private"),
    ("fe80::1", "link-local"),
    ("fe80::1%eth0", "link-local"),
    ("fec0::1", "site-local"),
    ("ff02::1", "multicast"),
    ("4000::1", "reserved"),
]
PUBLIC = [
    *("1.1.1.1", "8.8.8.8", "100.63.255.255", "100.128.0.0", "126.255.255.255", "128.0.0.1", "172.15.255.255"),
    *(
        "172.32.0.1",
        "169.253.255.255",
        "192.0.1.1",
        "192.167.255.255",
        "198.17.255.255",
        "198.20.0.0",
        "223.255.255.255",
    ),
    *("2001:200::1", "2400:3200::1", "2606:4700::1111", "2a00:1450:4001::200e", "2003::1"),
]


@pytest.mark.parametrize(("address", "reason"), FORBIDDEN)
def test_special_addresses_are_forbidden(address: str, reason: str) -> None:
    assert reason in forbidden(address)
    host = f"[{address}]" if ":" in address else address
    with pytest.raises(AddressForbidden, match=r"is not contacted") as caught:
        Guard().check(host, 80)
    assert "allow_private" in caught.value.hint
    with pytest.raises(AddressForbidden):
        Guard(resolver=lambda *_: [address]).admit("innocent.example", 443)
    assert Guard(allow_private=True, resolver=lambda *_: [address]).admit("innocent.example", 443) == (address,)


@pytest.mark.parametrize("address", PUBLIC)
def test_public_addresses_are_contacted(address: str) -> None:
    assert not forbidden(address)
    assert Guard(resolver=lambda *_: [address]).admit("host.example", 443) == (address,)
    assert Guard().admit(address, 443) == (address,)


@pytest.mark.parametrize(
    "host",
    [
        *("2130706433", "0x7f000001", "017700000001", "127.1", "127.0.1", "0177.0.0.1", "0x7f.0.0.1", "127.0.0.0x1"),
        *("1.2.3.4.5", "256.1.1.1", "8.8.8.8.", "08.8.8.8", "0x", "host.0x7f", "host.1"),
    ],
)
def test_odd_spellings_are_forbidden(host: str) -> None:
    with pytest.raises(AddressForbidden, match="odd spelling"):
        Guard(resolver=lambda *_: ["8.8.8.8"]).admit(host, 80)


def test_a_good_address_beside_a_forbidden_one_is_contacted() -> None:
    guard = Guard(resolver=lambda *_: ["64:ff9b::808:808", "10.0.0.1", "8.8.8.8", "2400:3200::1"])
    assert guard.admit("host.example", 80) == ("8.8.8.8", "2400:3200::1")


def test_a_host_is_resolved_once() -> None:
    asked: list[tuple[str, int]] = []
    Guard(resolver=lambda host, port: asked.append((host, port)) or ["8.8.8.8"]).admit("host.example", 8080)
    assert asked == [("host.example", 8080)]


@pytest.mark.parametrize("port", [22, 25, 6000, 6667, 10080])
def test_ports_of_other_services_are_forbidden(port: int) -> None:
    with pytest.raises(AddressForbidden, match=f"port {port}"):
        Guard(allow_private=True).check("host.example", port)


@pytest.mark.parametrize("port", [0, -1, 65536])
def test_what_is_no_port_is_no_address(port: int) -> None:
    with pytest.raises(NotAWebAddress):
        Guard().check("host.example", port)


@pytest.mark.parametrize(
    ("error", "passes"),
    [
        (socket.gaierror(socket.EAI_NONAME, "Name or service not known"), False),
        (socket.gaierror(socket.EAI_AGAIN, "Temporary failure in name resolution"), True),
        (UnicodeError("label empty or too long"), False),
    ],
)
def test_a_name_that_does_not_resolve(error: Exception, passes: bool) -> None:
    def resolver(host: str, port: int) -> list[str]:
        raise error

    with pytest.raises(UnknownHost, match=r"missing\.example") as caught:
        Guard(resolver=resolver).admit("missing.example", 80)
    assert caught.value.passes is passes


def test_a_name_without_addresses() -> None:
    with pytest.raises(UnknownHost):
        Guard(resolver=lambda *_: []).admit("empty.example", 80)


@pytest.mark.parametrize(
    "host", ["localhost", "LOCALHOST", "localhost.", "localhost..", "a.localhost", "a.b.localhost."]
)
def test_names_of_this_machine_need_no_resolver(host: str) -> None:
    """A proxy would resolve them to its own machine, and the system may not know the spelling."""

    def unknown(host: str, port: int) -> list[str]:
        raise OSError(socket.EAI_NONAME, "not known")

    with pytest.raises(AddressForbidden, match="the name stands for this machine"):
        Guard(resolver=unknown).admit(host, 80)
    assert Guard(resolver=lambda *_: ["127.0.0.1"], allow_private=True).admit(host, 80) == ("127.0.0.1",)


@pytest.mark.parametrize("host", ["localhost.example", "mylocalhost", "localhosts"])
def test_other_names_are_resolved(host: str) -> None:
    assert Guard(resolver=lambda *_: ["9.9.9.9"]).admit(host, 80) == ("9.9.9.9",)
