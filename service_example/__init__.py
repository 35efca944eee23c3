"""The services that ship: the smallest of each protocol, as tutorials, and two that do real work.

Nothing here is imported by VModel itself; each module is a service like any author's.
"""
