"""Which system calls a student's process may not make: a seccomp filter, the innermost fence.

Namespaces already take away what these calls could reach. The filter takes away the calls, because
most ways out of a namespace begin with one of them; and those that take memory where no limit counts it.

Everything else is allowed, so that ordinary programs run. The filter's form is that of
linux/filter.h and linux/seccomp.h, the numbers those of each machine's unistd.h.
"""

from __future__ import annotations

import ctypes
import errno
import os
import platform
import struct
from collections.abc import Iterator

MACHINES = {"x86_64": (0, 0xC000003E), "aarch64": (1, 0xC00000B7)}  # column below, AUDIT_ARCH
DENIED = {
    # other processes' memory
    "ptrace": (101, 117),
    "process_vm_readv": (310, 270),
    "process_vm_writev": (311, 271),
    "process_madvise": (440, 440),
    "kcmp": (312, 272),
    "pidfd_getfd": (438, 438),
    # namespaces and mounts
    "unshare": (272, 97),
    "setns": (308, 268),
    "mount": (165, 40),
    "umount2": (166, 39),
    "pivot_root": (155, 41),
    "chroot": (161, 51),
    "open_tree": (428, 428),
    "move_mount": (429, 429),
    "fsopen": (430, 430),
    "fsconfig": (431, 431),
    "fsmount": (432, 432),
    "fspick": (433, 433),
    "mount_setattr": (442, 442),
    "name_to_handle_at": (303, 264),
    "open_by_handle_at": (304, 265),
    # large, seldom needed parts of the kernel
    "bpf": (321, 280),
    "perf_event_open": (298, 241),
    "userfaultfd": (323, 282),
    "io_uring_setup": (425, 425),
    "io_uring_enter": (426, 426),
    "io_uring_register": (427, 427),
    "fanotify_init": (300, 262),
    "keyctl": (250, 219),
    "add_key": (248, 217),
    "request_key": (249, 218),
    "personality": (135, 92),
    # memory that belongs to no process
    "memfd_create": (319, 279),
    "memfd_secret": (447, 447),
    "shmget": (29, 194),
    "msgget": (68, 186),
    "semget": (64, 190),
    "mq_open": (240, 180),
    "setxattr": (188, 5),
    "lsetxattr": (189, 6),
    "fsetxattr": (190, 7),
    "setxattrat": (463, 463),
    "io_setup": (206, 0),
    # a way to pass a word on by locking a file that all can read; fcntl, which programs need, is another
    "flock": (73, 32),
    # the machine itself
    "init_module": (175, 105),
    "finit_module": (313, 273),
    "delete_module": (176, 106),
    "kexec_load": (246, 104),
    "kexec_file_load": (320, 294),
    "reboot": (169, 142),
    "swapon": (167, 224),
    "swapoff": (168, 225),
    "acct": (163, 89),
    "quotactl": (179, 60),
    "syslog": (103, 116),
    "settimeofday": (164, 170),
    "clock_settime": (227, 112),
    "adjtimex": (159, 171),
    "clock_adjtime": (305, 266),
}
CLONE, SOCKET, CLONE3 = (56, 220), (41, 198), 435
PRLIMIT = (302, 261)  # of other processes: the keeper has limits that could be made too small for it
# A new session does not come about, but seems to: Linux shares the processor among sessions, and a
# student with many would leave others too little. Nor does what pseudo-terminals do next, which needs one.
SETSID, IOCTL, TAKE_TERMINAL = (112, 157), (16, 29), 0x540E
NEW_NAMESPACES = 0x7E020000  # every CLONE_NEW flag
FAMILIES = (1, 2, 10)  # AF_UNIX, AF_INET, AF_INET6: others are not all kept inside a network namespace
FOREIGN = 0x40000000  # numbers of the x32 interface begin here

LOAD, EQUAL, AT_LEAST, ANY_BIT, RETURN = 0x20, 0x15, 0x35, 0x45, 0x06  # BPF operations
NUMBER, ARCHITECTURE, FIRST_ARGUMENT, SECOND_ARGUMENT = 0, 4, 16, 24  # offsets in struct seccomp_data
ALLOW, KILL, ERROR = 0x7FFF0000, 0x80000000, 0x00050000
PR_SET_SECCOMP, FILTER_MODE = 22, 2


class _Program(ctypes.Structure):
    _fields_ = (("length", ctypes.c_ushort), ("instructions", ctypes.c_char_p))


def deny() -> None:
    """Install the filter for this process and all it starts; it cannot be taken away again.

    Needs PR_SET_NO_NEW_PRIVS. Machines other than x86_64 and aarch64 go without. Raises OSError.
    """
    if platform.machine() not in MACHINES:
        return
    instructions = b"".join(_instructions(*MACHINES[platform.machine()]))
    program = _Program(len(instructions) // 8, instructions)
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.prctl(PR_SET_SECCOMP, FILTER_MODE, ctypes.byref(program), 0, 0) != 0:
        problem = ctypes.get_errno()
        raise OSError(problem, f"seccomp: {os.strerror(problem)}")


def _instructions(column: int, architecture: int) -> Iterator[bytes]:
    def operation(code: int, value: int, if_true: int = 0, if_false: int = 0) -> bytes:
        return struct.pack("HBBI", code, if_true, if_false, value)

    def give(error: int) -> bytes:
        return operation(RETURN, ERROR | error)

    yield operation(LOAD, ARCHITECTURE)
    yield operation(EQUAL, architecture, if_true=1)
    yield operation(RETURN, KILL)
    yield operation(LOAD, NUMBER)
    yield operation(AT_LEAST, FOREIGN, if_false=1)
    yield give(errno.EPERM)
    for numbers in DENIED.values():
        yield operation(EQUAL, numbers[column], if_false=1)
        yield give(errno.EPERM)
    yield operation(EQUAL, SETSID[column], if_false=1)
    yield give(0)
    yield operation(EQUAL, IOCTL[column], if_false=4)
    yield operation(LOAD, SECOND_ARGUMENT)
    yield operation(EQUAL, TAKE_TERMINAL, if_false=1)
    yield give(0)
    yield operation(RETURN, ALLOW)
    yield operation(EQUAL, PRLIMIT[column], if_false=4)
    yield operation(LOAD, FIRST_ARGUMENT)
    yield operation(EQUAL, 0, if_true=1)  # oneself
    yield give(errno.EPERM)
    yield operation(RETURN, ALLOW)
    yield operation(EQUAL, CLONE3, if_false=1)
    yield give(errno.ENOSYS)  # its flags are out of a filter's sight; C libraries then take clone
    yield operation(EQUAL, CLONE[column], if_false=4)
    yield operation(LOAD, FIRST_ARGUMENT)
    yield operation(ANY_BIT, NEW_NAMESPACES, if_false=1)
    yield give(errno.EPERM)
    yield operation(RETURN, ALLOW)
    yield operation(EQUAL, SOCKET[column], if_false=5)
    yield operation(LOAD, FIRST_ARGUMENT)
    for further, family in zip(range(len(FAMILIES), 0, -1), FAMILIES, strict=True):
        yield operation(EQUAL, family, if_true=further)  # on to ALLOW, past the rest
    yield give(errno.EAFNOSUPPORT)
    yield operation(RETURN, ALLOW)
