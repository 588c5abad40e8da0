"""Gaining rights, and reaching the parts of the kernel that no backend needs."""

from __future__ import annotations

from evaluator.sandbox.attacks.leaks import probed

FILTER = "the filter of system calls"

ATTACKS = (
    probed(
        "capabilities",
        "It has no right of root and cannot gain one.",
        "reading its capabilities, becoming user 0",
        "capabilities dropped, no_new_privs",
    ),
    probed(
        "user-namespace",
        "It cannot make a user namespace, in which it would be root.",
        "unshare, clone and clone3 with CLONE_NEWUSER",
        FILTER,
    ),
    probed(
        "mounts",
        "It cannot change its view of the files or enter another namespace.",
        "mount, chroot, pivot_root, open_tree, setns, open_by_handle_at",
        FILTER,
    ),
    probed("keyring", "Keyrings, which runs would share, are closed.", "add_key, keyctl, request_key", FILTER),
    probed("io-uring", "io_uring, which passes by filters, is closed.", "io_uring_setup", FILTER),
    probed(
        "strange-sockets",
        "Sockets to the virtual machine's host, the wire and the kernel's cryptography are closed.",
        "AF_VSOCK, AF_PACKET, AF_ALG, AF_KEY, AF_XDP, raw IP",
        FILTER,
    ),
    probed(
        "terminal-input",
        "It cannot type into a terminal.",
        "TIOCSTI on a terminal of its own; /dev/tty and /dev/console",
        f"{FILTER}, a session of its own",
    ),
    probed("debugging", "It cannot read or steer other processes.", "ptrace, process_vm_readv, kcmp", FILTER),
    probed(
        "observation",
        "It cannot load programs into the kernel or watch its counters.",
        "bpf, perf_event_open, userfaultfd",
        FILTER,
    ),
    probed(
        "the-machine",
        "It cannot change the machine: modules, kernel, name, log.",
        "init_module, delete_module, kexec_load, reboot, sethostname, syslog",
        FILTER,
    ),
    probed(
        "signals",
        "It cannot send a signal to its bridge, the evaluator or anybody else.",
        "signal 0 to every process seen, and to theirs by number",
        "a process namespace, a user id of its own",
    ),
)
