"""Bytes in, bytes out: the only layer that names a cryptographic primitive.

`secret` holds key bytes, `derive` makes every derived key, `passphrase` stretches one that people
remember. `mac` and `aead` are suite 1; `cell` and `column` are the two doors to cells, `seal` is
the MAC over a whole record, `wrap` puts one key under another, `document` authenticates the store
document. `decrepit` reads what older schemes wrote.
"""
