"""Compares lamina-llm-serve with llama.cpp on one machine, and draws the result."""
