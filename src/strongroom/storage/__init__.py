"""SQL, and nothing but SQL: this layer sees cells, plain columns and wrapped keys as they are.

It can import neither `crypto` nor `keys`, so no mistake in it can show a value or a key.
`address` and `connect` reach a database, `dialect` holds every difference between databases,
`system` keeps strongroom's own tables, `tables` makes and inspects users' tables, `rows` reads
and writes them, `failure` turns what drivers raise into strongroom's errors.
"""
