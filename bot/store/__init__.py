"""Durable state: the only home of SQLAlchemy."""
