"""The policies of the functions: each allows what its function needs, and nothing that it must not.

Every `carafe package` compares the files in `.chalice/policies` with what is derived from app.py.
"""
