"""Real database servers for the tests: private, on loopback, with TLS, gone when the tests end.

One process, the one that runs pytest, keeps every server (`keeper`). A worker that needs one asks
for it by name, so a server starts at its first use and all workers share it.
"""
