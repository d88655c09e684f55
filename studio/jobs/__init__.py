"""The queue and the engine: specs go in, events come out."""
