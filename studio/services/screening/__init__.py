"""Screens prompts by the rules of this studio before anything is sent."""
