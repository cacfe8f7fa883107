"""Records in files: CSV, TSV, JSON Lines, JSON, Parquet, XLSX and the sealed parcel.

    files.reading.open_source      a file, or standard input, as a stream of records
    files.writing.open_target      records into a file, or to standard output
    files.rejects.open_rejects     the records of a file that were not taken
    files.parcel                   a file that only a key opens

This layer knows files and text, and nothing of databases. What a value of a file means to a field
is said in `schema.interchange`.
"""
