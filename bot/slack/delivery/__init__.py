"""How news goes out: the outbox consumer, the cards and threads it keeps current, and whom they reach."""
