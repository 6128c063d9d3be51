"""The words for each refusal, once for all front ends; no Django."""
