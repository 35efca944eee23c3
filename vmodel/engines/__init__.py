"""Where a service lives: each engine runs its hooks and methods in a place of its own."""
