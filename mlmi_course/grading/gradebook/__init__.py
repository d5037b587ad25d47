"""What an instructor gets: marks, rows, tables, pages, and what a regrade must know."""
