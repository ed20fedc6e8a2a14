"""Which system calls a student's process may make: a seccomp filter, the innermost fence.

What is listed here is allowed, and nothing else: a call that a newer kernel adds is refused until somebody
adds it. The list is what CPython, NumPy with OpenBLAS, Matplotlib, IPython and small programs such as
`ls` and `sh` make under glibc and musl, of old versions and new, less what reaches beyond one
student: takes memory that no limit counts, or leaves a word where another student can find it.

The filter's form is that of linux/filter.h and linux/seccomp.h, the numbers those of each machine's unistd.h.
"""

from __future__ import annotations

import ctypes
import errno
import os
import platform
import struct
from collections.abc import Iterable, Iterator

MACHINES = {"x86_64": (0, 0xC000003E), "aarch64": (1, 0xC00000B7)}  # column below, AUDIT_ARCH
NEWEST = 463  # calls up to here were looked at; later ones are answered as by a kernel that has none

# Name, number on x86_64, number on aarch64; a dash where a machine has no such call.
ALLOWED = """
# Open files. Libraries take the newest of several calls that their kernel has: open, openat; dup2, dup3.
read 0 63  write 1 64  readv 19 65  writev 20 66  pread64 17 67  pwrite64 18 68  preadv 295 69
pwritev 296 70  open 2 -  openat 257 56  creat 85 -  close 3 57  close_range 436 436  lseek 8 62
dup 32 23  dup2 33 -  dup3 292 24  pipe 22 -  pipe2 293 59  copy_file_range 326 285
fallocate 285 47  truncate 76 45  ftruncate 77 46

# Looking at files: every import does. The attributes are read by shutil and by ls, and cannot be set.
stat 4 -  fstat 5 80  lstat 6 -  newfstatat 262 79  statx 332 291  access 21 -  faccessat 269 48
faccessat2 439 439  readlink 89 -  readlinkat 267 78  getdents 78 -  getdents64 217 61  getcwd 79 17
chdir 80 49  fchdir 81 50  statfs 137 43  fstatfs 138 44  getxattr 191 8  lgetxattr 192 9
fgetxattr 193 10  listxattr 194 11  llistxattr 195 12  flistxattr 196 13

# Changing files: only a student's own folders can be changed, and their size and number is limited.
rename 82 -  renameat 264 38  renameat2 316 276  mkdir 83 -  mkdirat 258 34  rmdir 84 -  link 86 -
linkat 265 37  symlink 88 -  symlinkat 266 36  unlink 87 -  unlinkat 263 35  chmod 90 -  fchmod 91 52
fchmodat 268 53  fchmodat2 452 452  chown 92 -  fchown 93 55  lchown 94 -  fchownat 260 54
utime 132 -  utimes 235 -  futimesat 261 -  utimensat 280 88  umask 95 166

# Memory, but for mmap and madvise below.
brk 12 214  mprotect 10 226  munmap 11 215  mremap 25 216

# Threads, as C libraries and OpenBLAS make and meet them. sched_getaffinity counts processors.
futex 202 98  set_robust_list 273 99  set_tid_address 218 96  rseq 334 293  membarrier 324 283
sched_yield 24 124  sched_getaffinity 204 123  getcpu 309 168  gettid 186 178  arch_prctl 158 -

# Processes: `!ls`, subprocess, multiprocessing. Whom a signal reaches is the namespace's business.
fork 57 -  vfork 58 -  execve 59 221  exit 60 93  exit_group 231 94  wait4 61 260  waitid 247 95
kill 62 129  tkill 200 130  tgkill 234 131  getpid 39 172  getppid 110 173  getpgid 121 155
getpgrp 111 -  setpgid 109 154  getsid 124 156  getuid 102 174  geteuid 107 175  getgid 104 176
getegid 108 177  getresuid 118 148  getresgid 120 150  getgroups 115 158  capget 125 90

# Signals, the interrupt among them. No timers beyond one of each kind, and none that wait in a queue.
rt_sigaction 13 134  rt_sigprocmask 14 135  rt_sigreturn 15 139  rt_sigpending 127 136
rt_sigsuspend 130 133  rt_sigtimedwait 128 137  sigaltstack 131 132  restart_syscall 219 128
pause 34 -  alarm 37 -  setitimer 38 103  getitimer 36 102

# Waiting: time.sleep, asyncio and select.
select 23 -  pselect6 270 72  poll 7 -  ppoll 271 73  epoll_create 213 -  epoll_create1 291 20
epoll_ctl 233 21  epoll_wait 232 -  epoll_pwait 281 22  epoll_pwait2 441 441  nanosleep 35 101
clock_nanosleep 230 115

# Questions about time, this process and the machine.
getrandom 318 278  clock_gettime 228 113  clock_getres 229 114  gettimeofday 96 169  time 201 -
times 100 153  getrusage 98 165  getrlimit 97 163  getpriority 140 141  sched_getparam 143 121
sched_getscheduler 145 120  sched_get_priority_max 146 125  sched_get_priority_min 147 126
sched_rr_get_interval 148 127  sysinfo 99 179  uname 63 160

# A socket that is there: the connection to the examiner, and the pair by which asyncio wakes itself. None
# can be named, found or waited at, nor its buffers enlarged; and none carries open files to another.
getsockname 51 204  getpeername 52 205  getsockopt 55 209  sendto 44 206  recvfrom 45 207  shutdown 48 210
"""

# Calls that seem to succeed. Linux shares the processor among sessions: a student with many would leave
# others too little. What a student may write is in memory and needs no disk, so that flushing disks and
# asking for files to be read or forgotten would only slow others down.
PRETENDED = """
setsid 112 157  fsync 74 82  fdatasync 75 83  sync 162 81  syncfs 306 267  sync_file_range 277 84
msync 26 227  fadvise64 221 223
"""

# Calls for which C libraries have another way when the kernel does not know them. The flags of clone3
# are out of a filter's sight; openat2 and the others are not needed, and preadv2 tells what lies in memory.
ABSENT = "clone3 435 435  openat2 437 437  preadv2 327 286  pwritev2 328 287"

# Calls allowed with some values of an argument only: which argument, and what the others are answered.
MMAP, CLONE, SOCKET = (9, 222), (56, 220), (41, 198)
SHARED_BY_NAME_ONLY = 0x01 | 0x20  # MAP_SHARED and MAP_ANONYMOUS: counted for nobody once unmapped
HUGE_PAGES = 0x40000  # the machine's, set aside for others
NEW_NAMESPACES = 0x7E020000  # every CLONE_NEW flag
PRLIMIT, SETRLIMIT, CORE_SIZE = (302, 261), (160, 164), 4
IOCTL, TAKE_TERMINAL = (16, 29), 0x540E  # seems to succeed too: it needs a session of one's own
SOME = (
    # AF_UNIX, AF_INET, AF_INET6: other families are not all kept inside a network namespace
    (SOCKET, 0, (1, 2, 10), errno.EAFNOSUPPORT),
    ((53, 199), 0, (1,), errno.EAFNOSUPPORT),  # socketpair
    # fcntl: copies and flags of descriptors. Not locks, leases and hints, which others see on files that
    # all may read, nor larger pipes.
    ((72, 25), 1, (0, 1, 2, 3, 4, 1030), errno.EPERM),
    # madvise: not what merges, evicts or poisons pages that others use
    ((28, 233), 2, (0, 1, 2, 3, 4, 8, 10, 11, 14, 15, 16, 17, 18, 19, 22, 23, 102, 103), errno.EINVAL),
    # prctl: names of threads and of memory, the signal at a parent's death, and questions. Not what the
    # keeper sees of a process, such as where its stack is.
    ((157, 167), 0, (1, 2, 3, 15, 16, 23, 38, 39, 0x53564D41), errno.EINVAL),
    # ioctl: terminals (TCGETS to TCSETSF, also in the newer form, TCSBRK to TCFLSH, the group, the size, the
    # session), pseudo-terminals, whether reading waits, descriptors that exec closes, and FICLONE of shutil
    (
        IOCTL,
        1,
        (
            *(0x5401, 0x5402, 0x5403, 0x5404, 0x802C542A, 0x402C542B, 0x402C542C, 0x402C542D),
            *(0x5409, 0x540A, 0x540B, 0x540F, 0x5410, 0x5413, 0x5414, 0x5422, 0x5429),
            *(0x80045430, 0x40045431, 0x5441, 0x541B, 0x5421, 0x5450, 0x5451, 0x40049409),
        ),
        errno.ENOTTY,
    ),
)
# Refused in words that programs understand: there is no network, and files are copied by reading and writing.
REFUSED = (((42, 203), errno.ENETUNREACH), ((40, 71), errno.ENOTSOCK))  # connect, sendfile

FOREIGN = 0x40000000  # numbers of the x32 interface begin here

LOAD, AND, RETURN = 0x20, 0x54, 0x06  # BPF operations
EQUAL, ABOVE, AT_LEAST, ANY_BIT = 0x15, 0x25, 0x35, 0x45
NUMBER, ARCHITECTURE, ARGUMENTS = 0, 4, 16  # offsets in struct seccomp_data; an argument has eight bytes
ALLOW, KILL, ERROR = 0x7FFF0000, 0x80000000, 0x00050000
PR_SET_SECCOMP, FILTER_MODE = 22, 2


class _Program(ctypes.Structure):
    _fields_ = (("length", ctypes.c_ushort), ("instructions", ctypes.c_char_p))


def confine() -> None:
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


def listed(table: str, column: int) -> dict[str, int]:
    """The calls of one of the tables above that a machine has, by name."""
    words = " ".join(line for line in table.splitlines() if not line.startswith("#")).split()
    rows = zip(words[::3], zip(words[1::3], words[2::3], strict=True), strict=True)
    return {name: int(numbers[column]) for name, numbers in rows if numbers[column] != "-"}


def _instructions(column: int, architecture: int) -> Iterator[bytes]:
    """The program. It ends with what is answered to a call that nothing before has answered."""
    yield _do(LOAD, ARCHITECTURE)
    yield _do(EQUAL, architecture, if_true=1)
    yield _do(RETURN, KILL)
    yield _do(LOAD, NUMBER)
    yield from _if(AT_LEAST, FOREIGN, [_give(errno.EPERM)])
    for number in listed(ALLOWED, column).values():
        yield from _if(EQUAL, number, [_do(RETURN, ALLOW)])
    for number in listed(PRETENDED, column).values():
        yield from _if(EQUAL, number, [_give(0)])
    for number in listed(ABSENT, column).values():
        yield from _if(EQUAL, number, [_give(errno.ENOSYS)])
    for numbers, error in REFUSED:
        yield from _if(EQUAL, numbers[column], [_give(error)])
    for numbers, checks in _checks():
        yield from _if(EQUAL, numbers[column], [*checks, _do(RETURN, ALLOW)])
    yield from _if(ABOVE, NEWEST, [_give(errno.ENOSYS)])
    yield _give(errno.EPERM)


def _checks() -> Iterator[tuple[tuple[int, int], list[bytes]]]:
    """Numbers of a call, and instructions that refuse it for some of its arguments."""
    for numbers, place, values, error in SOME:
        pretended = _if(EQUAL, TAKE_TERMINAL, [_give(0)]) if numbers == IOCTL else []
        yield numbers, [_load(place), *pretended, *_unless_one_of(values, _give(error))]
    refuse = _give(errno.EPERM)
    # Of a shared mapping nothing is counted for a process that has let go of it but for a page.
    yield (
        MMAP,
        [
            _load(3),
            *_if(ANY_BIT, HUGE_PAGES, [refuse]),
            _do(AND, SHARED_BY_NAME_ONLY),
            *_if(EQUAL, SHARED_BY_NAME_ONLY, [refuse]),
        ],
    )
    yield CLONE, [_load(0), *_if(ANY_BIT, NEW_NAMESPACES, [refuse])]
    # Not of the keeper, which has limits that could be made too small for it; and not of dumped cores: a
    # program that takes them would get them at a limit of nothing, and gets none at a limit of one byte.
    yield SETRLIMIT, [_load(0), *_if(EQUAL, CORE_SIZE, [refuse])]
    new_limit = [
        code for half in (0, 4) for code in (_load(2, half), *_if(AT_LEAST, 1, [refuse]))
    ]  # a pointer: null asks only
    yield (
        PRLIMIT,
        [_load(0), *_if(AT_LEAST, 1, [refuse]), _load(1), *_if(EQUAL, CORE_SIZE, new_limit)],
    )


def _unless_one_of(values: Iterable[int], refuse: bytes) -> list[bytes]:
    """Go past the refusal if what is loaded is one of the values."""
    wanted = list(values)
    further = range(len(wanted), 0, -1)
    return [*(_do(EQUAL, value, if_true=n) for n, value in zip(further, wanted, strict=True)), refuse]


def _if(test: int, value: int, then: list[bytes]) -> list[bytes]:
    return [_do(test, value, if_false=len(then)), *then]


def _load(argument: int, offset: int = 0) -> bytes:
    """Half of an argument: the lower one, which is all that the kernel looks at unless it is a pointer."""
    return _do(LOAD, ARGUMENTS + 8 * argument + offset)


def _give(error: int) -> bytes:
    return _do(RETURN, ERROR | error)


def _do(code: int, value: int, if_true: int = 0, if_false: int = 0) -> bytes:
    return struct.pack("HBBI", code, if_true, if_false, value)
