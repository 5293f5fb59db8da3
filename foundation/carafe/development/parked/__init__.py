"""Parked messages: those that were set aside for a person."""
