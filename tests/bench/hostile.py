"""Programs that want a pass that they do not earn, or do harm."""

from textwrap import dedent

FAKE = """b'{"passed": true, "note": "", "layers": []}'"""
EQUAL = "def __eq__(self, other): return True\n    def __ne__(self, other): return False\n    __hash__ = None"

# None of them computes that f(1) is 2.
FORGERIES = {
    "exit": "import sys; sys.exit(0)",
    "exit later": "import sys\ndef f(x): sys.exit(0)",
    "leave": "import os; os._exit(0)",
    "leave later": "import os\ndef f(x): os._exit(0)",
    "at exit": "import atexit, os, sys\natexit.register(os._exit, 0)\ndef f(x): sys.exit()",
    "print": f"print({FAKE}, 'passed', flush=True)\ndef f(x): pass",
    "write everywhere": f"""
        import os
        def f(x):
            for at in range(64):
                try: os.write(at, {FAKE})
                except OSError: pass
            os._exit(0)
        if {{}}: f(1)""",
    "answer ahead": """
        import os
        for at in range(64):
            try: os.write(at, b'{"value": true}\\n' * 9)
            except OSError: pass""",
    "close": "import os\nos.closerange(0, 64)\ndef f(x): pass",
    "no errors": """
        import builtins
        builtins.AssertionError = type('E', (BaseException,), {})
        builtins.BaseException = builtins.Exception = int
        def f(x): raise AssertionError""",
    "no imports": "import builtins\nbuiltins.__import__ = lambda *a, **k: None\ndef f(x): pass",
    "no reports": "import sys\nsys.excepthook = sys.unraisablehook = lambda *a: None\ndef f(x): raise ValueError",
    "another check": "def check(*a): pass\ndef f(x): pass\nchecked = passed = True",
    "equal": f"class A:\n    {EQUAL}\ndef f(x): return A()",
    "equal number": f"class A(int):\n    {EQUAL}\ndef f(x): return A(5)",
    "equal list": f"class A(list):\n    {EQUAL}\ndef f(x): return A([5])",
    "equal text": f"class A(str):\n    {EQUAL}\ndef f(x): return A('5')",
    "equal type": f"class M(type):\n    {EQUAL}\nclass A(metaclass=M): pass\ndef f(x): return A",
    "patch": """
        import sys
        for module in list(sys.modules.values()):
            for name in ('Judge', 'report', 'encode', 'decode', 'describe', 'loads', 'error_like'):
                if hasattr(module, name): setattr(module, name, lambda *a, **k: True)
        def f(x): pass""",
    "search": """
        import gc, sys
        def f(x):
            frame = sys._getframe()
            while frame:
                for name in [n for n in frame.f_locals if 'pass' in n]: frame.f_locals[name] = True
                frame = frame.f_back
            for found in gc.get_objects():
                if isinstance(found, str) and found.startswith('assert f('): return 2""",
    "memory": """
        import os
        def f(x):
            open(f'/proc/{os.getppid()}/mem', 'r+b').close()
            return 2""",
    "trace": "import sys\ndef f(x): sys.settrace(lambda *a: None); sys.setprofile(lambda *a: None)",
    "endless answer": "def f(x): return 'a' * (1 << 25)",
    "deep answer": "def f(x):\n    made = []\n    for _ in range(100000): made = [made]\n    return made",
    "round answer": "def f(x):\n    made = []\n    made.append(made)\n    return made",
}
FORGERIES = {name: dedent(program) for name, program in FORGERIES.items()}
FORGERIES["write everywhere at once"] = FORGERIES["write everywhere"].replace("if {}", "if True")

# Bodies of a function that returns True where the attack went well.
ATTACKS = {
    "os.system": "import os; return os.system('true') == 0",
    "subprocess": "import subprocess; return subprocess.run(['/bin/true']).returncode == 0",
    "another program": "import os; os.execv('/bin/sh', ['sh', '-c', 'kill -9 $PPID'])",
    "fork": "import os\nif not os.fork():\n    os.setsid(); os._exit(0)\nreturn True",
    "fork bomb": "import os\nfor _ in range(1000): os.fork()\nreturn True",
    "read": "return 'root' in open('/etc/passwd').read()",
    "list": "import os; return bool(os.listdir('/etc'))",
    "socket": "import socket; socket.socket(); return True",
    "mode": "import os; os.chmod('.', 0o777); return True",
    "limit": "import resource as r; r.setrlimit(r.RLIMIT_NPROC, (r.RLIM_INFINITY,) * 2); return True",
    "signal": "import os, signal; os.kill(os.getppid(), signal.SIGKILL); return True",
    "signal by file": "import fcntl, os; r, _ = os.pipe(); fcntl.fcntl(r, fcntl.F_SETOWN, os.getppid()); return True",
    "segmentation": "import ctypes; ctypes.string_at(1); return True",
    "link": "import os; os.symlink('/etc/passwd', 'link'); return bool(open('link').read())",
}

# Bodies of a function, and how the reason begins that it does not pass.
EXHAUSTING = {
    "endless": ("while True: pass", "time limit"),
    "asleep": ("import time; time.sleep(60)", "time limit"),
    "stubborn": (
        """
        import signal
        for number in range(1, 32):
            try: signal.signal(number, signal.SIG_IGN)
            except (OSError, ValueError): pass
        while True: pass""",
        "time limit",
    ),
    "memory": ("return len([0] * (10 << 30)) > 0", "MemoryError"),
    "memory in steps": ("kept = []\nwhile True: kept.append('a' * (1 << 20) + str(len(kept)))", "MemoryError"),
    "file": ("with open('big', 'wb') as file:\n    while True: file.write(bytes(1 << 20))", "OSError: [Errno 27]"),
    "files": ("return [open(f'{n}', 'w') for n in range(1000)]", "OSError: [Errno 24]"),
    "recursion": ("return f()", "RecursionError"),
    "deep recursion": ("import sys; sys.setrecursionlimit(10 ** 9)\nreturn f()", ""),
    "endless iterator": ("import itertools; return itertools.count()", "MemoryError"),
}
EXHAUSTING = {name: (dedent(body), note) for name, (body, note) in EXHAUSTING.items()}

STAYING = """
import os, subprocess, sys, threading, time
def stay():
    time.sleep(300)
def start_thread():
    threading.Thread(target=stay).start()
def start_process():
    subprocess.Popen([sys.executable, "-c", "import time; time.sleep(300)", "stays-behind"], start_new_session=True)
def become_daemon():
    os.fork() or os.setsid() or os.fork() or stay()
for start in (start_thread, start_process, become_daemon):
    try: start()
    except BaseException: pass
def f(): return True
"""
