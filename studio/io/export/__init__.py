"""The document in other programs' formats. I/O thread."""
