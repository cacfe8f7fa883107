"""The use cases: the only layer that joins storage and keys, and where records are sealed.

`strongroom` is the opened store, `table` what a caller does with one table, `query` how it reads,
`writing` the writing operations, `sealing` the one pair of functions between values and rows,
`record` what a caller gets, `store` the document with its keys and catalogue, `transaction` which
connection an operation runs on, `ids` where new primary keys come from.
"""
