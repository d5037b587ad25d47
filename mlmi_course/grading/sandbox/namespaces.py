"""The parts of Linux that Python has no function for: namespaces, mounts, capabilities.

Imported only inside the sandbox.
"""

from __future__ import annotations

import ctypes
import errno
import os
import struct

_NEW_NAMESPACES = 0x10000000 | 0x00020000 | 0x20000000 | 0x08000000 | 0x40000000
# user, mount, pid, ipc, network
_PRIVATE, _NOSUID, _NODEV, _RDONLY, _REMOUNT = 0x4000 | 0x40000, 2, 4, 1, 32
# Numbers of the calls that are spoken of below, and of the machine they are for.
_CALLS = {
    "x86_64": {
        "arch": 0xC000003E,
        "keyctl": 250,
        "add_key": 248,
        "request_key": 249,
        "memfd_create": 319,
        "memfd_secret": 447,
        "shmget": 29,
    },
    "aarch64": {
        "arch": 0xC00000B7,
        "keyctl": 219,
        "add_key": 217,
        "request_key": 218,
        "memfd_create": 279,
        "memfd_secret": 447,
        "shmget": 194,
    },
}
_JOIN_SESSION_KEYRING, _SECCOMP = 1, 22
_NO_NEW_PRIVS, _BOUNDING_DROP, _DEATH_SIGNAL, _AMBIENT, _DUMPABLE = 38, 24, 1, 47, 4

_libc = ctypes.CDLL(None, use_errno=True)


def _checked(result: int, what: str) -> None:
    if result != 0:
        number = ctypes.get_errno()
        raise OSError(number, f"{what}: {os.strerror(number)}")


def become(user: int | None) -> None:
    """Stop being root, where bubblewrap was started by root and could not do it for us."""
    if user is not None:
        os.setgroups([])
        os.setresgid(user, user, user)
        os.setresuid(user, user, user)
        # Changing the user closes /proc/self to ourselves, and the maps of users are there.
        _checked(_libc.prctl(_DUMPABLE, 1, 0, 0, 0), "prctl")


def enter_namespaces() -> None:
    """Give this process its own user, mount, pid, ipc and network namespaces."""
    user, group = os.geteuid(), os.getegid()
    _checked(_libc.unshare(_NEW_NAMESPACES), "unshare")
    for name, text in (
        ("setgroups", "deny"),
        ("uid_map", f"{user} {user} 1"),
        ("gid_map", f"{group} {group} 1"),
    ):
        with open(f"/proc/self/{name}", "w", encoding="ascii") as file:
            file.write(text)
    _checked(_libc.mount(b"none", b"/", None, ctypes.c_ulong(_PRIVATE), None), "mount private")


def mount_scratch(path: str, megabytes: int) -> None:
    """Mount an empty file system in memory, with room for so much and 10,000 files."""
    options = f"size={megabytes}m,nr_inodes=10000,mode=0700".encode()
    flags = ctypes.c_ulong(_NOSUID | _NODEV)
    _checked(_libc.mount(b"tmpfs", path.encode(), b"tmpfs", flags, options), f"mount {path}")


def cover_processes() -> None:
    """Mount an almost empty read-only file system over /proc.

    TensorFlow ends the process where it cannot learn its program and arguments, and numerical
    libraries ask how many processors there are: these answers stay.  scikit-learn looks through
    the list of loaded libraries for thread pools, and is shown an empty one: there is one thread.
    """
    program = os.readlink("/proc/self/exe")
    kept = {"self/cmdline": program.encode() + b"\0lab\0", "self/maps": b""}
    for name in ("cpuinfo", "meminfo"):
        with open(f"/proc/{name}", "rb") as file:
            kept[name] = file.read()
    _mount_over_proc(_NOSUID | _NODEV)
    os.mkdir("/proc/self")
    os.symlink(program, "/proc/self/exe")
    for name, content in kept.items():
        with open(f"/proc/{name}", "wb") as file:
            file.write(content)
    _mount_over_proc(_NOSUID | _NODEV | _RDONLY | _REMOUNT)


def _mount_over_proc(flags: int) -> None:
    options = b"size=1m,mode=0755"
    result = _libc.mount(b"tmpfs", b"/proc", b"tmpfs", ctypes.c_ulong(flags), options)
    _checked(result, "cover /proc")


def drop_capabilities() -> None:
    """Give up every capability, and the way to get one back."""
    _libc.prctl(_NO_NEW_PRIVS, 1, 0, 0, 0)
    _libc.prctl(_AMBIENT, 4, 0, 0, 0)
    for capability in range(64):
        _libc.prctl(_BOUNDING_DROP, capability, 0, 0, 0)
    header = (ctypes.c_uint32 * 2)(0x20080522, 0)
    nothing = (ctypes.c_uint32 * 6)(*[0] * 6)
    _checked(_libc.capset(header, nothing), "capset")


def new_keyring() -> None:
    """Leave the keys of the person who started us: take a session keyring that is empty."""
    numbers = _CALLS.get(os.uname().machine)
    if numbers:  # where the kernel keeps no keys, there are none to leave
        _libc.syscall(numbers["keyctl"], _JOIN_SESSION_KEYRING, None)


def filter_calls() -> None:
    """Refuse the calls of the system through which memory escapes its limit, and keys are read.

    Memory of a ``memfd`` or of System V belongs to no process that one could look at.  Needs
    `drop_capabilities` first.  A kernel without filters goes on without one.
    """
    numbers = _CALLS.get(os.uname().machine)
    if not numbers:
        return
    refused = [numbers[name] for name in ("memfd_create", "memfd_secret", "shmget")]
    refused += [numbers[name] for name in ("add_key", "request_key", "keyctl")]
    load, equal, at_least, give = 0x20, 0x15, 0x35, 0x06
    allow, refuse = 0x7FFF0000, 0x00050000 | errno.EPERM
    steps = [(load, 0, 0, 4), (equal, 1, 0, numbers["arch"]), (give, 0, 0, refuse)]
    steps += [(load, 0, 0, 0)]
    last = len(refused)
    steps += [(at_least, last + 1, 0, 0x40000000)]  # another numbering of the same calls
    steps += [(equal, last - place, 0, number) for place, number in enumerate(refused)]
    steps += [(give, 0, 0, allow), (give, 0, 0, refuse)]
    code = b"".join(struct.pack("HBBI", *step) for step in steps)
    held = ctypes.create_string_buffer(code)
    program = struct.pack("HxxxxxxP", len(steps), ctypes.addressof(held))
    pointer = ctypes.create_string_buffer(program)
    _libc.prctl(_SECCOMP, 2, ctypes.c_ulong(ctypes.addressof(pointer)), 0, 0)


def die_with_parent() -> None:
    """Be killed when the parent ends."""
    _checked(_libc.prctl(_DEATH_SIGNAL, 9, 0, 0, 0), "prctl")
