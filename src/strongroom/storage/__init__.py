"""SQL, and nothing but SQL: this layer sees cells, plain columns and wrapped keys as they are.

It can import neither `crypto` nor `keys`, so no mistake in it can show a value or a key.

Reaching a database: `address` reads its URL, `tls` and `settings` say how it is connected to,
`engines` and `sqlite_file` connect, `connect` gives transactions. `failure` turns what drivers
raise into strongroom's errors, by the codes in `faults`.

Using it: `dialect` holds every difference between databases. `system` keeps strongroom's own
tables, `checkpoints` those of jobs. `tables` makes and checks users' tables, `inspection` tells
what a table is like, `altering` brings one from one declaration to another, `unique` keeps values
apart. `rows` reads and writes records, with `key_values`, `ordering`, `lookup`, `packet` and
`savepoint`. `rewriting` is what adopting, releasing and converting a table asks for.
"""
