"""The use cases: what people and time can do with launches. Start reading at `launches.py`."""
