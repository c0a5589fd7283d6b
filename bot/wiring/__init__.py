"""Settings in, a running bot out: one builder per floor, and the loops that run side by side."""
