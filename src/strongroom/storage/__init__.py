"""SQL, and nothing but SQL: this layer sees cells, plain columns and wrapped keys as they are.

It can import neither `crypto` nor `keys`, so no mistake in it can show a value or a key.

Reaching a database: `address` reads its URL, `tls` and `settings` say how it is connected to,
`engines` and `sqlite_file` connect, `connect` gives transactions. Using it: `dialect` holds every
difference between databases, `system` keeps strongroom's own tables, `tables` makes and inspects
users' tables, `rows` reads and writes them. `failure` turns what drivers raise into strongroom's
errors, by the codes in `faults`.
"""
