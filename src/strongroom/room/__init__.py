"""The use cases: the only layer that joins storage and keys, and where records are sealed.

`strongroom` is the opened store, `opening` how it is opened or made, `status` what it says of
itself; `table` is what a caller does with one table, `query` and `paging` how it reads, `writing`
the writing operations; `sealing` is the one pair of functions between values and rows, `record`
what a caller gets; `store` and `document` are the keys and catalogue, `transaction` says which
connection an operation runs on, `ids` where new primary keys come from.

Changing whole tables: `altering` changes a declaration, `rewriting` is the steps of an adoption, a
release and a conversion, `settling` and `conversion` a batch of their rows, `old_values` what
others wrote; `checkpoint` is how far a job has come, `ddl` the statements for migrations.
"""
