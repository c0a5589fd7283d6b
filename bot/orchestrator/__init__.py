"""The client of Orchestrator's REST API: the only home of httpx and of the wire's shapes."""
