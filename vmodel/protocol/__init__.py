"""The contract with service authors: one module of decorators for each protocol.

Standard library alone, so that a service's own environment needs nothing else of ours.
"""
