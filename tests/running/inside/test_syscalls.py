"""The system calls a student's process may not make, tried from inside one."""

import platform

import nbformat
import pytest

from autograder.course import Limits
from autograder.running.inside.syscalls import ABSENT, ALLOWED, CLONE, MACHINES, NEWEST, PRETENDED, listed
from autograder.running.run import Job

CALL = "import ctypes, errno, os, socket\nlibc = ctypes.CDLL(None, use_errno=True)\n"
COLUMN = MACHINES[platform.machine()][0]
# Other processes' memory; namespaces and mounts; large parts of the kernel; memory that belongs to no
# process; ways to pass a word on; the processor, its timers and its priorities; the machine itself.
NEVER = """
ptrace 101 117  process_vm_readv 310 270  process_vm_writev 311 271  process_madvise 440 440
kcmp 312 272  pidfd_getfd 438 438  unshare 272 97  setns 308 268  mount 165 40  umount2 166 39
pivot_root 155 41  chroot 161 51  open_tree 428 428  move_mount 429 429  fsopen 430 430
fsconfig 431 431  fsmount 432 432  fspick 433 433  mount_setattr 442 442  name_to_handle_at 303 264
open_by_handle_at 304 265  bpf 321 280  perf_event_open 298 241  userfaultfd 323 282
io_uring_setup 425 425  io_uring_enter 426 426  io_uring_register 427 427  fanotify_init 300 262
keyctl 250 219  add_key 248 217  request_key 249 218  personality 135 92  memfd_create 319 279
memfd_secret 447 447  shmget 29 194  msgget 68 186  semget 64 190  mq_open 240 180  setxattr 188 5
lsetxattr 189 6  fsetxattr 190 7  setxattrat 463 463  io_setup 206 0  flock 73 32  init_module 175 105
finit_module 313 273  delete_module 176 106  kexec_load 246 104  kexec_file_load 320 294  reboot 169 142
swapon 167 224  swapoff 168 225  acct 163 89  quotactl 179 60  syslog 103 116  settimeofday 164 170
clock_settime 227 112  adjtimex 159 171  clock_adjtime 305 266  sched_setaffinity 203 122
sched_setscheduler 144 119  sched_setparam 142 118  sched_setattr 314 274  setpriority 141 140
ioprio_set 251 30  mlock 149 228  mlockall 151 230  mlock2 325 284  timer_create 222 107
timerfd_create 283 85  eventfd2 290 19  signalfd4 289 74  inotify_init1 294 26  rt_sigqueueinfo 129 138
rt_tgsigqueueinfo 297 240  pidfd_open 434 434  pidfd_send_signal 424 424  splice 275 76  tee 276 77
vmsplice 278 75  sendmsg 46 211  sendmmsg 307 269  recvmsg 47 212  bind 49 200  listen 50 201
accept 43 202  accept4 288 242  setsockopt 54 208  shmat 30 196  shmctl 31 195  semop 65 193
msgsnd 69 189  remap_file_pages 216 234  move_pages 279 239  migrate_pages 256 238  mbind 237 235
set_mempolicy 238 237  mincore 27 232  readahead 187 213  process_mrelease 448 448
landlock_create_ruleset 444 444  seccomp 317 277  setuid 105 146  setgid 106 144  setresuid 117 147
setgroups 116 159  capset 126 91  sethostname 170 161  setdomainname 171 162  mknodat 259 33  iopl 172 -
ioperm 173 -  modify_ldt 154 -  vhangup 153 58  lookup_dcookie 212 18  cachestat 451 451
"""


@pytest.fixture(scope="module")
def run(runner):
    """Run one cell in a student's process; what it prints."""

    def run_cell(source):
        notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(source)])
        done = runner.run(Job(notebook, nbformat.v4.new_notebook(), {}, Limits(10, 5, 20)))
        assert done.status == "graded"
        return "".join(
            output.get("text", output.get("evalue", "")) for output in done.notebook.cells[0].outputs
        )

    return run_cell


def answers(run, numbers):
    """What each of these calls is answered, by the name of the error; 0 for one that seems to succeed."""
    said = run(
        f"{CALL}for number in {[*numbers]}:\n    done = libc.syscall(number, -1, 0, 0, 0, 0)\n"
        "    print(errno.errorcode[ctypes.get_errno()] if done == -1 else done)"
    )
    return said.split()


def test_calls_that_reach_beyond_a_student_are_refused(run):
    calls = listed(NEVER, COLUMN)
    assert dict(zip(calls, answers(run, calls.values()), strict=True)) == dict.fromkeys(calls, "EPERM")


def test_every_call_that_is_not_listed_is_refused(run):
    """Also those that this kernel has and nobody here has heard of."""
    probes = {335, 336}  # of Linux's own, which end a process that was not sent there, and pass every filter
    checked = (
        probes | {9, 16, 28, 41, 53, 56, 72, 157, 160, 302},
        {25, 29, 164, 167, 198, 199, 220, 222, 233, 261},
    )
    known = {number for table in (ALLOWED, PRETENDED, ABSENT) for number in listed(table, COLUMN).values()}
    numbers = sorted({*range(NEWEST + 40)} - known - checked[COLUMN])
    assert len(numbers) > 250
    expected = ["EPERM" if number <= NEWEST else "ENOSYS" for number in numbers]
    network = {(42, 203)[COLUMN]: "ENETUNREACH", (40, 71)[COLUMN]: "ENOTSOCK"}
    assert answers(run, numbers) == [
        network.get(number, error) for number, error in zip(numbers, expected, strict=True)
    ]


def test_calls_that_would_flush_or_forget_never_reach_the_kernel(run):
    """The kernel would say that -1 is no file."""
    calls = listed(PRETENDED, COLUMN)
    assert set(answers(run, calls.values())) == {"0"}
    assert set(answers(run, listed(ABSENT, COLUMN).values())) == {"ENOSYS"}


@pytest.mark.parametrize(
    ("call", "said"),
    [
        ("libc.mmap(None, 8192, 3, 0x21, -1, 0)", "EPERM"),  # shared and anonymous
        ("libc.mmap(None, 8192, 3, 0x23, -1, 0)", "EPERM"),  # MAP_SHARED_VALIDATE
        ("libc.mmap(None, 1 << 21, 3, 0x40022, -1, 0)", "EPERM"),  # huge pages
        ("libc.mmap(None, 8192, 3, 1, os.open('/dev/zero', os.O_RDWR), 0)", "ENODEV"),
        ("libc.fcntl(0, 5, bytes(32))", "EPERM"),  # F_GETLK
        ("libc.fcntl(0, 6, bytes(32))", "EPERM"),  # F_SETLK
        ("libc.fcntl(0, 37, bytes(32))", "EPERM"),  # F_OFD_SETLK
        ("libc.fcntl(0, 1024, 0)", "EPERM"),  # F_SETLEASE
        ("libc.fcntl(0, 1026, 1)", "EPERM"),  # F_NOTIFY
        ("libc.fcntl(0, 1031, 1 << 20)", "EPERM"),  # F_SETPIPE_SZ
        ("libc.fcntl(0, 1036, bytes(8))", "EPERM"),  # F_SET_RW_HINT
        ("libc.madvise(0, 4096, 12)", "EINVAL"),  # MADV_MERGEABLE
        ("libc.madvise(0, 4096, 21)", "EINVAL"),  # MADV_PAGEOUT
        ("libc.prctl(4, 0)", "EINVAL"),  # PR_SET_DUMPABLE
        ("libc.prctl(35, 15, bytes(4))", "EINVAL"),  # PR_SET_MM
        ("libc.prctl(36, 1)", "EINVAL"),  # PR_SET_CHILD_SUBREAPER
        ("libc.ioctl(0, 0x5412, b'x')", "ENOTTY"),  # TIOCSTI
        ("libc.prlimit(os.getppid(), 7, bytes(16), None)", "EPERM"),
        ("libc.prlimit(os.getpid(), 7, None, None)", "EPERM"),  # not by number, which may be another's
        ("libc.prlimit(0, 4, bytes(16), None)", "EPERM"),  # RLIMIT_CORE
        ("libc.setrlimit(4, bytes(16))", "EPERM"),
        ("libc.socketpair(2, 1, 0, bytes(8))", "EAFNOSUPPORT"),
        ("0 * libc.prlimit(0, 4, None, bytearray(16) and ctypes.create_string_buffer(16))", "0"),
        ("libc.prctl(15, b'name')", "0"),
        ("libc.madvise(0, 0, 14)", "0"),
    ],
)
def test_some_calls_are_allowed_with_some_arguments(run, call, said):
    assert run(
        f"{CALL}done = {call}\nprint(errno.errorcode[ctypes.get_errno()] if done == -1 else done)"
    ) == (f"{said}\n")


def test_no_core_is_dumped_into_a_program_either(run):
    """At a limit of nothing Linux hands cores to a program that is set up to take them; not at one byte."""
    assert run("import resource\nprint(resource.getrlimit(resource.RLIMIT_CORE))") == "(1, 1)\n"


def test_a_new_user_namespace_is_refused_by_every_way(run):
    clone = f"libc.syscall({CLONE[COLUMN]}, 0x10000000 | 17, 0, 0, 0, 0), ctypes.get_errno()"
    assert run(f"{CALL}print({clone})") == "-1 1\n"
    assert "Operation not permitted" in run("import subprocess\nsubprocess.run(['unshare', '-U', 'true'])")


def test_sockets_that_leave_the_network_namespace_are_refused(run):
    said = run(
        f"{CALL}for family in (16, 38, 40):\n    try: socket.socket(family, 3)\n"
        "    except OSError as error: print(error.errno)"
    )
    assert said == "97\n97\n97\n"


def test_a_process_stays_in_the_students_session(run):
    """Or many of them would take the processor from other students: it is shared among sessions."""
    said = run("import os\nold = os.getsid(0)\nos.setsid()\nprint(os.getsid(0) == old)\n!echo in a terminal")
    assert said.split() == ["True", "in", "a", "terminal"]


def test_ordinary_programs_run(run):
    said = run(
        "import subprocess, threading, multiprocessing, socket, tempfile\n"
        "print(subprocess.run(['echo', 'program'], capture_output=True, text=True).stdout.strip())\n"
        "thread = threading.Thread(target=print, args=('thread',)); thread.start(); thread.join()\n"
        "with multiprocessing.get_context('fork').Pool(2) as pool: print(pool.map(abs, [-1, 2]))\n"
        "print(socket.socketpair()[0].family.name, socket.socket().family.name)\n"
        "with tempfile.TemporaryFile() as file: print(file.write(b'1234'))\n"
    )
    assert said == "program\nthread\n[1, 2]\nAF_UNIX AF_INET\n4\n"


@pytest.mark.long
def test_what_libraries_do_with_files_works(run):
    """Copying falls back where it finds no faster way; a memory map of a file is shared by its file."""
    said = run(
        "import os, shutil, sys, numpy as np\n"
        "shutil.copy2(os.__file__, 'os.py'); shutil.copytree('.', '/tmp/tree')\n"
        "print(os.path.getsize('/tmp/tree/os.py') == os.path.getsize(os.__file__))\n"
        "kept = np.memmap('kept', dtype=float, mode='w+', shape=1000); kept[:] = 2; kept.flush()\n"
        "print(np.fromfile('kept').sum(), np.load.__name__); np.ones(9).tofile('ones')\n"
        "with open('kept') as file: os.fsync(file.fileno())\n"
        "print(open('/dev/zero', 'rb').read(3), len(os.urandom(3)), os.cpu_count() > 0)\n"
    )
    assert said == "True\n2000.0 load\nb'\\x00\\x00\\x00' 3 True\n"


def test_processes_talk_by_every_means_that_needs_no_name(run):
    said = run(
        "import asyncio, concurrent.futures as cf, multiprocessing as mp\n"
        "mp.set_start_method('fork', force=True)\n"
        "queue, value, lock = mp.Queue(), mp.Value('i', 3), mp.Lock()\n"
        "def work():\n    with lock: queue.put(value.value)\n"
        "process = mp.Process(target=work); process.start(); print(queue.get()); process.join()\n"
        "with cf.ProcessPoolExecutor(2) as pool: print(*pool.map(abs, [-1, 2]))\n"
        "async def program():\n"
        "    made = await asyncio.create_subprocess_exec('echo', 'hi', stdout=-1)\n"
        "    return (await made.communicate())[0]\n"
        "print(await program(), await asyncio.to_thread(sum, [1, 2]))"
    )
    assert said == "3\n1 2\nb'hi\\n' 3\n"
