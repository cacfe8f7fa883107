"""Files of records, good ones and bad ones."""
