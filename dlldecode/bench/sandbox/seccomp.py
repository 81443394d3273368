"""The calls to the kernel that plain computing needs; all others answer that there is no such call."""

from __future__ import annotations

import os
import struct
import sys

from . import kernel

# Neither sockets, processes, threads nor signals to others; no fcntl and ioctl either, which can send signals, too.
X86_64 = """
read 0, write 1, open 2, close 3, stat 4, fstat 5, lstat 6, poll 7, lseek 8, mmap 9, mprotect 10, munmap 11, brk 12,
rt_sigaction 13, rt_sigprocmask 14, rt_sigreturn 15, pread64 17, pwrite64 18, readv 19, writev 20, access 21,
select 23, sched_yield 24, mremap 25, madvise 28, dup 32, dup2 33, nanosleep 35, getitimer 36, alarm 37, setitimer 38,
getpid 39, exit 60, wait4 61, uname 63, fsync 74, ftruncate 77, getcwd 79, chdir 80, rename 82, mkdir 83, rmdir 84,
unlink 87, readlink 89, gettimeofday 96, getrusage 98, sysinfo 99, times 100, getuid 102, getgid 104, geteuid 107,
getegid 108, getppid 110, getgroups 115, sigaltstack 131, gettid 186, time 201, futex 202, sched_getaffinity 204,
getdents64 217, restart_syscall 219, clock_gettime 228, clock_getres 229, clock_nanosleep 230, exit_group 231,
openat 257, mkdirat 258, newfstatat 262, unlinkat 263, renameat 264, readlinkat 267, faccessat 269, pselect6 270,
ppoll 271, set_robust_list 273, get_robust_list 274, dup3 292, renameat2 316, getrandom 318, membarrier 324,
statx 332, rseq 334, close_range 436, faccessat2 439
"""
AARCH64 = """
getcwd 17, dup 23, dup3 24, mkdirat 34, unlinkat 35, renameat 38, ftruncate 46, faccessat 48, chdir 49, openat 56,
close 57, getdents64 61, lseek 62, read 63, write 64, readv 65, writev 66, pread64 67, pwrite64 68, pselect6 72,
ppoll 73, readlinkat 78, newfstatat 79, fstat 80, fsync 82, exit 93, exit_group 94, futex 98, set_robust_list 99,
get_robust_list 100, nanosleep 101, getitimer 102, setitimer 103, clock_gettime 113, clock_getres 114,
clock_nanosleep 115, sched_getaffinity 123, sched_yield 124, restart_syscall 128, sigaltstack 132, rt_sigaction 134,
rt_sigprocmask 135, rt_sigreturn 139, times 153, getgroups 158, uname 160, getrusage 165, gettimeofday 169,
getpid 172, getppid 173, getuid 174, geteuid 175, getgid 176, getegid 177, gettid 178, sysinfo 179, brk 214,
munmap 215, mremap 216, mmap 222, mprotect 226, madvise 233, wait4 260, renameat2 276, getrandom 278, membarrier 283,
statx 291, rseq 293, close_range 436, faccessat2 439
"""
MACHINES = {"x86_64": (0xC000003E, X86_64), "aarch64": (0xC00000B7, AARCH64)}
LOAD, JUMP_IF_EQUAL, RETURN = 0x20, 0x15, 0x06
NUMBER, MACHINE = 0, 4  # where the kernel puts them
ALLOW, NO_SUCH_CALL = 0x7FFF0000, 0x00050000 | 38
FILTER = 2


def confine() -> None:
    """Allow the listed calls alone, for good. Raises OSError or KeyError where kernel or machine cannot do it."""
    import ctypes

    if sys.platform != "linux" or sys.maxsize < 1 << 32:
        raise OSError("no calls are known for this system")
    machine, table = MACHINES[os.uname().machine]
    code = program(machine, [int(entry.split()[1]) for entry in table.split(",")])
    text = ctypes.create_string_buffer(code, len(code))
    head = struct.pack("@HP", len(code) // 8, ctypes.addressof(text))
    kernel.call("prctl", kernel.NO_NEW_PRIVILEGES, 1, 0, 0, 0)
    kernel.call("prctl", kernel.CONFINE_CALLS, FILTER, head, 0, 0)


def program(machine: int, numbers: list[int]) -> bytes:
    """The filter in the kernel's own code: on the right machine, any of the numbers jumps to the last line."""
    count = len(numbers)
    lines = [(LOAD, 0, 0, MACHINE), (JUMP_IF_EQUAL, 1, 0, machine), (RETURN, 0, 0, NO_SUCH_CALL), (LOAD, 0, 0, NUMBER)]
    lines += [(JUMP_IF_EQUAL, count - at, 0, number) for at, number in enumerate(numbers)]
    lines += [(RETURN, 0, 0, NO_SUCH_CALL), (RETURN, 0, 0, ALLOW)]
    return b"".join(struct.pack("=HBBI", *line) for line in lines)
