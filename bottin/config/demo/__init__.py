"""The demonstration: known lawful works, content generated from a seed, people of every role."""
