"""Which key: where the root key comes from, and the keys that stand under it.

`provider` turns `file:aes_key.bin` into an object that wraps and unwraps the store key; `keyfile`,
`environment`, `command` and `passphrase` are the providers; `envelope` is how a wrapped store key
stands in the database and how a wrong key is told from tampering; `material` says which bytes may
be a root key, `private` which files may hold one; `keyring` holds the data and index keys.
POSIX only: what keeps a file private on Windows is not known here.
"""
