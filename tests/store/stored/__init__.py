"""Rows as each former release wrote them, and the contract of tags that only grows."""
