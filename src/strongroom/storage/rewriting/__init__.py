"""What rewriting a table asks of the database: somebody else's, or one of ours.

`foreign` says which columns can be taken over, `obstacles` what hangs on them; `shadows` adds the
columns beside and puts them in place, `originals` reads the rows, `filling` writes beside them,
`capture` notes what others change meanwhile, `alone` keeps them out for the swap.
"""
