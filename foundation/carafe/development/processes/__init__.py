"""Processes in an operator's hands: listed, shown, resumed, undone."""
