"""The only user of tantivy: what is indexed and how, one writer, readers that follow it.

Text is cut into words without case and accents. Every word of a title goes through
the stemmers of French and of English, side by side; those of a description through
that of its language, through both when it says none. A query's word is stemmed both
ways and asked in both. Titles and file names are kept whole beside, for prefixes,
typos and phrases; names with signs in them and scripts without spaces have fields of
their own (see `bottin.search.scripts`).
"""

from bottin.search.index.reading import Reader
from bottin.search.index.writing import Writer, WriterLost

__all__ = ["Reader", "Writer", "WriterLost"]
