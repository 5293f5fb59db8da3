"""`carafe upgrade`: brings a service to another version of the foundation.

Everything happens in a copy below `.local/upgrade`. What passes there is written into the service;
what was there before is remembered in the service's git folder, so that it can be taken back.
"""
