"""Arrangements of servers by name: the register, the catalogue, and the services that a site may need beside them."""
