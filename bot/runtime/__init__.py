"""What any such process needs and what knows nothing of launches: priority, loops, logging, metrics."""
