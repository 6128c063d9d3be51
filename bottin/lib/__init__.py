"""Leaf code: refusals, paging, clock, ids, sizes, text. Knows no Django and nothing of Bottin."""
