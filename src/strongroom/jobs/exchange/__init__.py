"""Records in from files and out to files.

`importing` and `exporting` are the two orders, `options` what can be said with them. On the way in:
`opened_file` opens, `columns` says what each column is for, `batches` cuts, `rehearsal` checks
first, `intake` is the job, `placing` writes, `consumed` remembers what was read, `standing` knows
how far it is. `sharing` has several processes do it, and `share` says which of them does what.
"""
