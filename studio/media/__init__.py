"""Bytes in, facts out: looks at picture files, makes their thumbnails and names them in the storage."""
