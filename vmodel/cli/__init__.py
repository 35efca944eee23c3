"""The command line: it translates words into one call of `VModel`, and the answer into text.

No policy lives here, and nothing heavy is imported before a command needs it.
"""
