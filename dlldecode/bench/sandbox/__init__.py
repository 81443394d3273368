"""Runs a program that a model wrote, where it can do no harm, and finds out whether it passes a check.

Two processes are forked from one that is already confined. The program lives in one of them; the check runs in the
other and calls the program's functions over a pipe. Values cross as plain data, anything else as a handle. Only the
check's process can report, and the program has neither its memory nor its pipe: whatever a program patches, prints,
raises or searches, all that reaches the check is the values that it returns, and these are compared as plain data. So
an object that calls itself equal to everything is equal to nothing, and a program that ends itself has not passed.

What this leaves open:
- a program sees what it is called with, and may answer as if it knew the check by heart;
- arguments cross by value: what a function does to a list that it was given is not seen by the check;
- what a function returns must be plain data (numbers, text, bytes, lists, tuples, sets, dictionaries) to be equal to
  something; iterators can be walked through, other objects only be handed back to the program.

`missing` says which protections this machine lacks. A kernel's own weaknesses, and the disk and memory that a program
may fill within its limits, are nobody's but the kernel's: unknown code of a hostile author belongs in a machine apart.
"""

from .launch import Limits, Outcome, missing, run

__all__ = ["Limits", "Outcome", "missing", "run"]
