"""Clusters of three nodes on one machine, whose nodes fail under load: F65 and F66."""
